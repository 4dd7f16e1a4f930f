import { responseTypes } from '../../src/clients/values.ts';
import { ALIAS, type StaticClient } from './settings.ts';

type Call = (path: string, body: object) => Promise<Record<string, unknown>>;

const suite = 'https://localhost.emobix.co.uk:8443';
const at = (path: string) => `${suite}/test/a/${ALIAS}/${path}`;

/** A client that may ask for everything that the plans of OpenID Connect try. */
const everything = {
  type: 'web',
  client_name: 'Conformance suite',
  grant_types: ['authorization_code', 'implicit', 'refresh_token'],
  response_types: [...responseTypes],
  redirect_uris: [at('callback')],
  post_logout_redirect_uris: [at('post_logout_redirect')],
  first_party: false,
  // The plans of OpenID Connect know no PKCE; clients that keep a secret may do without (RFC 9700, 2.1.1).
  require_pkce: false,
};

const statics: Readonly<Record<string, object>> = {
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

/** Makes the clients that plans with static registration use, through the REST API. */
export async function createStaticClients(call: Call): Promise<Record<string, StaticClient>> {
  const made = Object.entries(statics).map(async ([name, metadata]) => {
    const { client_id, client_secret } = await call('/clients', metadata);
    return [name, { client_id, client_secret }] as const;
  });
  return Object.fromEntries(await Promise.all(made)) as Record<string, StaticClient>;
}
