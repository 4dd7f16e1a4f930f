import type { ClientMetadataInput, ClientProperty } from '../metadata.ts';
import type { FixedBecause, FixedValues } from '../rules/fixed-values.ts';
import type { AppliedRule } from '../rules/rule.ts';

/** A kind of application: what its clients begin with, and what is refused beyond the common rules. */
export interface ClientType {
  title: string;
  /** For someone who has never heard of OAuth. */
  description: string;
  /** Taken for what the caller leaves out. */
  initial: Omit<ClientMetadataInput, 'type'>;
  /** What never changes. */
  fixed: FixedValues;
  /** Why, where anything is fixed. */
  because?: FixedBecause;
  /** Properties that mean nothing here, and that a form leaves out. */
  hidden: readonly ClientProperty[];
  /** The extra layer. */
  rules: readonly AppliedRule[];
}

/** What clients that ask nobody without a browser have no use for. */
export const backchannelProperties: readonly ClientProperty[] = [
  'backchannel_token_delivery_mode',
  'backchannel_client_notification_endpoint',
  'backchannel_authentication_request_signing_alg',
  'backchannel_user_code_parameter',
];

/** What clients without redirects have no use for. */
export const redirectProperties: readonly ClientProperty[] = [
  'application_type',
  'redirect_uris',
  'post_logout_redirect_uris',
  'response_types',
  'response_modes',
  'initiate_login_uri',
  'frontchannel_logout_uri',
  'frontchannel_logout_session_required',
  'require_pushed_authorization_requests',
  'require_signed_request_object',
  'request_uris',
  'request_object_signing_alg',
  'request_object_encryption_alg',
  'request_object_encryption_enc',
  'authorization_signed_response_alg',
  'authorization_encrypted_response_alg',
  'authorization_encrypted_response_enc',
];

/** What clients without a key or secret have no use for. */
export const secretProperties: readonly ClientProperty[] = [
  'token_endpoint_auth_signing_alg',
  'tls_client_auth_subject_dn',
  'tls_client_auth_san_dns',
  'tls_client_auth_san_uri',
  'tls_client_auth_san_ip',
  'tls_client_auth_san_email',
  'introspection_signed_response_alg',
  'introspection_encrypted_response_alg',
  'introspection_encrypted_response_enc',
];
