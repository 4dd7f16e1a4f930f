/** A server with everything that takes part in token exchange (RFC 8693). */
import { TOKEN_EXCHANGE } from '../../src/clients/values.ts';
import { type Fields, type Op, startOp, type TestClient } from '../support/op.ts';
import { obtainCode, obtainTokens, postAs, redeem } from './requests.ts';

export const type = (name: string) => `urn:ietf:params:oauth:token-type:${name}`;
export const policy = { subject_clients: ['*'], delegation: true, impersonation: true };

export const subject = (token: string, kind = 'access_token'): Fields => ({
  subject_token: token,
  subject_token_type: type(kind),
});
export const actor = (token: string, kind = 'access_token'): Fields => ({
  actor_token: token,
  actor_token_type: type(kind),
});

export async function openExchange() {
  const op = await startOp();
  const createService = (more: object = {}) =>
    op.createClient({
      type: 'server-to-server',
      grant_types: ['client_credentials', TOKEN_EXCHANGE],
      token_exchange: policy,
      ...more,
    });
  const [app, twoSided, service, account] = await Promise.all([
    op.createClient({ id_token_signed_response_alg: 'ES256' }),
    op.createClient({
      grant_types: ['authorization_code', TOKEN_EXCHANGE],
      token_exchange: policy,
    }),
    createService(),
    op.createAccount(),
  ]);

  async function resource(more: Parameters<Op['createResource']>[0] = {}): Promise<string> {
    const made = await op.createResource({
      scopes: [{ name: 'read' }, { name: 'write' }, { name: 'admin' }],
      access: [
        { client_id: app.client_id, scopes: ['read', 'write', 'admin'] },
        { client_id: '*', scopes: ['read', 'write'] },
      ],
      ...more,
    });
    return made.identifier;
  }
  const [photos, albums, prints, closed] = await Promise.all([
    resource(),
    resource({ access_token_format: 'opaque' }),
    resource(),
    resource({ access: [{ client_id: app.client_id, scopes: ['read', 'write'] }] }),
  ]);

  return {
    op,
    /** People sign in to it. */
    app,
    /** It exchanges tokens. */
    service,
    /** Both. */
    twoSided,
    account,
    /** Its tokens are JWTs. */
    photos,
    /** Its tokens are opaque. */
    albums,
    /** Nobody asks for it at sign-in. */
    prints,
    /** The service may not use it. */
    closed,
    createService,
    /** A person's tokens at the app. */
    signIn: (first = photos, person = account, fields: Fields = {}) =>
      obtainTokens(op, app, person, { scope: 'openid read write', resource: [first], ...fields }),
    /** A sign-in for two resources; the access token is for `photos`. */
    async signInForBoth() {
      const code = await obtainCode(op, app, account, {
        scope: 'openid read write',
        resource: [photos, albums],
      });
      return (await redeem(op, app, code, { resource: photos })).body;
    },
    exchange: (fields: Fields, client: TestClient = service) =>
      postAs(op, client, '/token', { grant_type: TOKEN_EXCHANGE, ...fields }),
    /** A client's token about itself. */
    ownToken: async (client = service): Promise<string> =>
      (await postAs(op, client, '/token', { grant_type: 'client_credentials' })).body.access_token,
  };
}
