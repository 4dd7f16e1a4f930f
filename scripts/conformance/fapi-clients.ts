/** The clients of the FAPI and FAPI-CIBA plans: each is a family of plans, a way to authenticate, and a number. */
import { CIBA } from '../../src/clients/values.ts';
import { callbackOf } from './clients.ts';
import type { Setup } from './family.ts';

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

const flow = (setup: Setup) => {
  const callback = callbackOf(setup)('callback');
  return { redirect_uris: [callback, `${callback}?dummy1=lorem&dummy2=ipsum`], first_party: false };
};

const fapi1 = (setup: Setup) => ({
  fapi_profile: 'fapi1-advanced',
  ...flow(setup),
  // One client for the plans of both: JARM, and an ID token that signs the response.
  grant_types: ['authorization_code', 'implicit', 'refresh_token'],
  response_types: ['code', 'code id_token'],
  response_modes: ['jwt', 'fragment'],
});

const ciba = (setup: Setup, mode: 'poll' | 'ping') => ({
  fapi_profile: 'fapi1-advanced',
  first_party: false,
  grant_types: [CIBA, 'refresh_token'],
  response_types: [],
  backchannel_token_delivery_mode: mode,
  ...(mode === 'ping' && {
    backchannel_client_notification_endpoint: callbackOf(setup)('ciba-notification-endpoint'),
  }),
  backchannel_authentication_request_signing_alg: 'PS256',
});

/** What the clients of a family have in common, by what their ids begin with. */
function families(setup: Setup): Readonly<Record<string, object>> {
  const fapi2 = (['sp', 'ms'] as const).flatMap((kind) =>
    Object.entries(bindings).map(([binding, bound]) => {
      const profile = kind === 'sp' ? 'fapi2-security-profile' : 'fapi2-message-signing';
      return [`fapi2${kind}-*-${binding}`, { fapi_profile: profile, ...flow(setup), ...bound }];
    }),
  );
  return {
    'fapi1-*': fapi1(setup),
    ...Object.fromEntries(fapi2),
    'ciba-poll-*': ciba(setup, 'poll'),
    'ciba-ping-*': ciba(setup, 'ping'),
  };
}

/** Every client, as `POST /api/v1/clients` takes it; the ids are those of the plans. */
export const fapiClients = (setup: Setup): object[] =>
  Object.entries(families(setup)).flatMap(([family, common]) =>
    Object.entries(authentications).flatMap(([method, authentication]) =>
      (['client1', 'client2'] as const).map((name) => ({
        type: 'financial',
        client_id: `${family.replace('*', method)}-${name.slice(-1)}`,
        client_name: `Conformance suite, ${family.replace('*', method)}`,
        ...common,
        ...authentication(name),
        jwks: setup.keys.clients[name].publicJwks,
      })),
    ),
  );
