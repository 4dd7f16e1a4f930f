/**
 * Encrypted ID tokens, UserInfo, introspection and authorization responses (JARM), each read by a real
 * relying party that holds the key; `discovery-responses.ts` goes through every algorithm.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  compactVerify,
  createLocalJWKSet,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
} from 'jose';
import { createAgent, leftFor } from '../support/agent.ts';
import { CALLBACK, type Op, startOp, type TestAccount, type TestClient } from '../support/op.ts';
import { createRp, openid } from '../support/rp.ts';
import { authorizeUrl, obtainTokens, userInfo } from './requests.ts';

let op: Op;
let account: TestAccount;
beforeAll(async () => {
  op = await startOp();
  account = await op.createAccount();
});
afterAll(() => op?.close());

const ENC = 'A256GCM';
const kinds = ['id_token', 'userinfo', 'introspection', 'authorization'] as const;
type Kind = (typeof kinds)[number];

async function makeKey(alg: string) {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), use: 'enc', alg, kid: `${alg} ${Math.random()}` };
  return { key: { key: privateKey as never, kid: jwk.kid, alg }, jwks: { keys: [jwk] } };
}
type Key = Awaited<ReturnType<typeof makeKey>>;

const createClient = (alg: string, { jwks }: Key) =>
  op.createClient({
    jwks: jwks as never,
    response_modes: ['jwt', 'query'],
    ...Object.fromEntries(
      kinds.flatMap((kind) => [
        [`${kind}_signed_response_alg`, 'ES256'],
        [`${kind}_encrypted_response_alg`, alg],
        [`${kind}_encrypted_response_enc`, ENC],
      ]),
    ),
  });

/** A relying party that asks for JARM, and decrypts with these keys. */
async function decrypting(client: TestClient, keys: Key[]) {
  const signed = Object.fromEntries(kinds.map((kind) => [`${kind}_signed_response_alg`, 'ES256']));
  const { config } = await createRp(op.issuer, client);
  const other = new openid.Configuration(
    config.serverMetadata(),
    client.client_id,
    signed as never,
    openid.ClientSecretBasic(client.client_secret),
  );
  openid.allowInsecureRequests(other);
  openid.useJwtResponseMode(other);
  if (keys.length > 0) {
    openid.enableDecryptingResponses(other, [ENC], ...keys.map(({ key }) => key));
  }
  return other;
}

/** From the authorization request to the tokens. */
async function signIn(config: openid.Configuration) {
  const pkceCodeVerifier = openid.randomPKCECodeVerifier();
  const [expectedState, expectedNonce] = [openid.randomState(), openid.randomNonce()];
  const url = openid.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    scope: 'openid email',
    code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: expectedState,
    nonce: expectedNonce,
  });
  const callback = leftFor(await createAgent(op.issuer).authorize(url.href, account));
  expect([...callback.searchParams.keys()]).toEqual(['response']);
  const checks = { pkceCodeVerifier, expectedState, expectedNonce };
  return openid.authorizationCodeGrant(config, callback, checks);
}

describe.each(['RSA-OAEP', 'RSA-OAEP-256', 'ECDH-ES'])('a client with a key for %s', (alg) => {
  test('reads everything that is encrypted to it, and nothing comes otherwise', async () => {
    const key = await makeKey(alg);
    const config = await decrypting(await createClient(alg, key), [key]);
    const tokens = await signIn(config);
    expect(tokens.claims()).toMatchObject({ sub: account.id, email: account.email });
    const sub = tokens.claims()?.sub ?? '';
    const info = await openid.fetchUserInfo(config, tokens.access_token, sub);
    expect(info.email).toBe(account.email);
    const told = await openid.tokenIntrospection(config, tokens.access_token);
    expect(told).toMatchObject({ active: true, sub: account.id });

    // Each was decrypted, and what was in it is signed by the server (RFC 7519, section 11.2).
    const opened = openid.getDecryptedResponses(tokens);
    const inner = [
      opened?.id_token?.token_endpoint,
      opened?.authorization_response,
      openid.getDecryptedResponses(info),
      openid.getDecryptedResponses(told),
    ];
    const jwks = createLocalJWKSet((await op.get('/jwks')).body);
    for (const jws of inner) {
      await compactVerify(String(jws), jwks, { algorithms: ['ES256'] });
    }
  });

  test('is sent what another’s key does not open', async () => {
    const [key, other] = await Promise.all([makeKey(alg), makeKey(alg)]);
    const stranger = { ...other, key: { ...other.key, kid: key.key.kid } };
    await expect(
      signIn(await decrypting(await createClient(alg, key), [stranger])),
    ).rejects.toThrow(/decrypt/i);
  });

  test('may replace it: what comes next is for the new one', async () => {
    const [old, fresh] = await Promise.all([makeKey(alg), makeKey(alg)]);
    const client = await createClient(alg, old);
    const { status } = await op.admin(`/clients/${client.client_id}`, {
      method: 'PATCH',
      body: { jwks: fresh.jwks },
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    expect(status).toBe(200);
    await expect(signIn(await decrypting(client, [old]))).rejects.toThrow();
    await signIn(await decrypting(client, [old, fresh]));
  });
});

test('an encrypted token is no hint of who signed in, and the one in it is', async () => {
  const key = await makeKey('ECDH-ES');
  const client = await createClient('ECDH-ES', key);
  const config = await decrypting(client, [key]);
  const jws = openid.getDecryptedResponses(await signIn(config))?.id_token?.token_endpoint ?? '';
  const agent = createAgent(op.issuer);
  await agent.authorize(authorizeUrl(op, client), account);
  const silent = (id_token_hint: string) =>
    agent.visit(
      authorizeUrl(op, client, { prompt: 'none', response_mode: 'query', id_token_hint }),
    );
  expect(leftFor(await silent(jws)).searchParams.get('code')).toBeTruthy();
  const { id_token } = await obtainTokens(op, client, account, { response_mode: 'query' });
  expect(decodeProtectedHeader(id_token)).toMatchObject({ alg: 'ECDH-ES', enc: ENC });
  expect(leftFor(await silent(id_token)).searchParams.get('error')).toBe('invalid_request');
});

test.each(kinds.map((kind): [Kind] => [kind]))(
  'a key that is not there is told at registration, for %s',
  async (kind) => {
    const { status, body } = await op.admin('/clients', {
      method: 'POST',
      body: {
        redirect_uris: [CALLBACK],
        [`${kind}_signed_response_alg`]: 'ES256',
        [`${kind}_encrypted_response_alg`]: 'RSA-OAEP-256',
      },
    });
    expect(status).toBe(422);
    expect(body.errors).toContainEqual(expect.objectContaining({ rule: 'encryption-complete' }));
  },
);

test('UserInfo says what it is, and is for its client alone', async () => {
  const key = await makeKey('RSA-OAEP-256');
  const client = await createClient('RSA-OAEP-256', key);
  const { access_token } = await obtainTokens(op, client, account, { response_mode: 'query' });
  const { headers, body } = await userInfo(op, access_token);
  expect(headers.get('content-type')).toMatch(/^application\/jwt/);
  expect(decodeProtectedHeader(body)).toMatchObject({
    cty: 'JWT',
    kid: key.key.kid,
    aud: client.client_id,
    iss: op.issuer,
  });
});
