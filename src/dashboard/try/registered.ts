import type { Shown } from '../client/found.ts';

/** What of a client's registration a try goes by. */
export interface Registered extends Shown {
  redirect_uris?: string[];
  post_logout_redirect_uris?: string[];
  grant_types?: string[];
  response_types?: string[];
  response_modes?: string[];
  scope?: string;
  token_endpoint_auth_method?: string;
  token_endpoint_auth_signing_alg?: string;
  id_token_signed_response_alg?: string;
  authorization_signed_response_alg?: string;
  introspection_signed_response_alg?: string;
  request_object_signing_alg?: string;
  require_signed_request_object?: boolean;
  require_pushed_authorization_requests?: boolean;
  dpop_bound_access_tokens?: boolean;
  tls_client_certificate_bound_access_tokens?: boolean;
  backchannel_token_delivery_mode?: string;
  backchannel_authentication_request_signing_alg?: string;
  subject_type?: string;
}

export const allows = ({ grant_types = [] }: Registered, grant: string): boolean =>
  grant_types.includes(grant);
