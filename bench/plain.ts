/**
 * A program: plain `oidc-provider` with its own in-memory adapter, set up as our server is – the same
 * features, lifetimes, clients, claims and kinds of keys – with nothing else around it: no log, no
 * pages, no other middleware. Whoever asks to be signed in is.
 */
import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type JWK, Provider } from 'oidc-provider';
import { Config } from '../src/config/schema.ts';
import { enabledJWA } from '../src/oidc/algorithms.ts';
import { type Fixture, metadata } from './fixture.ts';

const fixture: Fixture = JSON.parse(process.env.FIXTURE ?? '');
const { web, service, device, signer, account, resource } = fixture;
const port = Number(process.env.PORT);
const { ttl, claims } = Config.parse({});
const sub = 'ada';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const keys = [
  { ...rsa.export({ format: 'jwk' }), alg: 'RS256', use: 'sig' },
  { ...ec.export({ format: 'jwk' }), alg: 'ES256', use: 'sig' },
] as JWK[];

const provider = new Provider(`http://127.0.0.1:${port}`, {
  jwks: { keys },
  clients: [
    { ...web, ...metadata.web, jwks: { keys: [signer.public] } },
    { ...service, ...metadata.service },
    { ...device, ...metadata.device },
  ] as NonNullable<ConstructorParameters<typeof Provider>[1]>['clients'] & object,
  claims: { openid: ['sub'], acr: null, sid: null, auth_time: null, iss: null, ...claims },
  scopes: ['openid', 'offline_access', ...Object.keys(claims)],
  conformIdTokenClaims: false,
  findAccount: (_ctx, id) => ({
    accountId: id,
    claims: () => ({
      ...account.claims,
      sub: id,
      email: account.email,
      email_verified: false,
      updated_at: 0,
    }),
  }),
  pkce: { required: () => true },
  issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
  expiresWithSession: (_ctx, source) => !source.scopes.has('offline_access'),
  rotateRefreshToken: true,
  cookies: {
    long: { httpOnly: true, sameSite: 'lax', overwrite: true, signed: false },
    short: { httpOnly: true, sameSite: 'lax', overwrite: true, signed: false },
  },
  ttl: {
    AccessToken: ttl.access_token,
    AuthorizationCode: ttl.authorization_code,
    ClientCredentials: (_ctx, issued) =>
      issued.resourceServer?.accessTokenTTL ?? ttl.client_credentials,
    Grant: ttl.grant,
    IdToken: ttl.id_token,
    Interaction: ttl.interaction,
    RefreshToken: ttl.refresh_token,
    Session: ttl.session,
  },
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  enabledJWA,
  features: {
    backchannelLogout: { enabled: true },
    claimsParameter: { enabled: true },
    clientCredentials: { enabled: true },
    deviceFlow: { enabled: true },
    devInteractions: { enabled: false },
    dPoP: { enabled: true },
    encryption: { enabled: true },
    fapi: { enabled: true, profile: () => undefined },
    introspection: { enabled: true },
    jwtIntrospection: { enabled: true },
    jwtResponseModes: { enabled: true },
    jwtUserinfo: { enabled: true },
    pushedAuthorizationRequests: { enabled: true },
    requestObjects: { enabled: true },
    revocation: { enabled: true },
    rpInitiatedLogout: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: () => ({
        scope: resource.scope,
        audience: resource.identifier,
        accessTokenFormat: 'jwt',
        accessTokenTTL: 3600,
        jwt: { sign: { alg: 'ES256' } },
      }),
    },
  },
});
provider.on('server_error', (_ctx, error) => console.error(error));

/** Signs the person in and grants what is asked for, at once. */
async function finish(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const { params } = await provider.interactionDetails(req, res);
  const grant = new provider.Grant({ accountId: sub, clientId: String(params.client_id) });
  grant.addOIDCScope(String(params.scope));
  const grantId = await grant.save();
  const result = { login: { accountId: sub, amr: ['pwd'] }, consent: { grantId } };
  await provider.interactionFinished(req, res, result);
}

const answer = provider.callback();
createServer((req, res) => {
  if (!req.url?.startsWith('/interaction/')) return answer(req, res);
  return finish(req, res).catch((error) => {
    console.error(error);
    res.writeHead(500).end(String(error));
  });
}).listen(port, '127.0.0.1');
