/** The clients of the FAPI and FAPI-CIBA plans: each is a family of plans, a way to authenticate, and a number. */
import type { JWK } from 'jose';
import { CIBA } from '../../src/clients/values.ts';
import { callbackOf } from './clients.ts';

/** What the driver generated; client 1 and 2 have a key and a certificate for it each. */
export interface Generated {
  publicJwks: Readonly<Record<`client${1 | 2}`, { keys: JWK[] }>>;
}

/** The suite calls them by these names in its plans; `mtls` is the certificate that stands in the JWKS. */
const authentications = {
  pkjwt: () => ({ token_endpoint_auth_method: 'private_key_jwt' }),
  mtls: () => ({ token_endpoint_auth_method: 'self_signed_tls_client_auth' }),
  tlsca: (name: string) => ({
    token_endpoint_auth_method: 'tls_client_auth',
    tls_client_auth_subject_dn: `CN=${name},O=conf`,
  }),
} as const;

const bindings = {
  dpop: { dpop_bound_access_tokens: true },
  mtls: { tls_client_certificate_bound_access_tokens: true, dpop_bound_access_tokens: false },
} as const;

const flow = (alias: string) => {
  const callback = callbackOf(alias)('callback');
  return { redirect_uris: [callback, `${callback}?dummy1=lorem&dummy2=ipsum`], first_party: false };
};

const fapi1 = (alias: string) => ({
  fapi_profile: 'fapi1-advanced',
  ...flow(alias),
  // One client for the plans of both: JARM, and an ID token that signs the response.
  grant_types: ['authorization_code', 'implicit', 'refresh_token'],
  response_types: ['code', 'code id_token'],
  response_modes: ['jwt', 'fragment'],
});

const ciba = (alias: string, mode: 'poll' | 'ping') => ({
  fapi_profile: 'fapi1-advanced',
  first_party: false,
  grant_types: [CIBA, 'refresh_token'],
  response_types: [],
  backchannel_token_delivery_mode: mode,
  ...(mode === 'ping' && {
    backchannel_client_notification_endpoint: callbackOf(alias)('ciba-notification-endpoint'),
  }),
  backchannel_authentication_request_signing_alg: 'PS256',
});

/** What the clients of a family have in common, by what their ids begin with. */
function families(alias: string): Readonly<Record<string, object>> {
  const fapi2 = (['sp', 'ms'] as const).flatMap((kind) =>
    Object.entries(bindings).map(([binding, bound]) => {
      const profile = kind === 'sp' ? 'fapi2-security-profile' : 'fapi2-message-signing';
      return [`fapi2${kind}-*-${binding}`, { fapi_profile: profile, ...flow(alias), ...bound }];
    }),
  );
  return {
    'fapi1-*': fapi1(alias),
    ...Object.fromEntries(fapi2),
    'ciba-poll-*': ciba(alias, 'poll'),
    'ciba-ping-*': ciba(alias, 'ping'),
  };
}

/** Every client, as `POST /api/v1/clients` takes it; the ids are those of the plans. */
export const fapiClients = (alias: string, { publicJwks }: Generated): object[] =>
  Object.entries(families(alias)).flatMap(([family, common]) =>
    Object.entries(authentications).flatMap(([method, authentication]) =>
      (['client1', 'client2'] as const).map((name) => ({
        type: 'financial',
        client_id: `${family.replace('*', method)}-${name.slice(-1)}`,
        client_name: `Conformance suite, ${family.replace('*', method)}`,
        ...common,
        ...authentication(name),
        jwks: publicJwks[name],
      })),
    ),
  );
