import { responseTypes } from '../../src/clients/values.ts';
import type { Call, Setup } from './family.ts';
import type { StaticClient } from './plans/plan.ts';

/** Where the suite's own relying party, under the plans' alias, receives an answer. */
export const callbackOf =
  ({ alias, suite }: Setup) =>
  (path: string) =>
    `${suite.origin}/test/a/${alias}/${path}`;
type Address = ReturnType<typeof callbackOf>;

/** A client that may ask for everything that the plans of OpenID Connect try. */
const everythingAt = (at: Address) => ({
  type: 'web',
  client_name: 'Conformance suite',
  grant_types: ['authorization_code', 'implicit', 'refresh_token'],
  response_types: [...responseTypes],
  redirect_uris: [at('callback')],
  post_logout_redirect_uris: [at('post_logout_redirect')],
  first_party: false,
  openid_conformance: true,
  // The plans of OpenID Connect know no PKCE; clients that keep a secret may do without (RFC 9700, 2.1.1).
  require_pkce: false,
});

function staticsAt(at: Address): Readonly<Record<string, object>> {
  const everything = everythingAt(at);
  return {
    client: everything,
    client2: {
      ...everything,
      redirect_uris: [at('callback'), `${at('callback')}?dummy1=lorem&dummy2=ipsum`],
    },
    client_secret_post: { ...everything, token_endpoint_auth_method: 'client_secret_post' },
    backchannel: {
      ...everything,
      backchannel_logout_uri: at('backchannel_logout'),
      backchannel_logout_session_required: true,
    },
  };
}

/** Makes the clients that plans with static registration use, through the REST API. */
export async function createStaticClients(
  setup: Setup,
  call: Call,
): Promise<Record<string, StaticClient>> {
  const made = Object.entries(staticsAt(callbackOf(setup))).map(async ([name, metadata]) => {
    const { client_id, client_secret } = await call('/clients', metadata);
    return [name, { client_id, client_secret }] as const;
  });
  return Object.fromEntries(await Promise.all(made)) as Record<string, StaticClient>;
}
