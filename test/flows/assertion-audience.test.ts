/** Whom a client assertion is for, whichever address the request went to. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SignJWT } from 'jose';
import { JWT_BEARER } from '../../src/clients/values.ts';
import { newId } from '../../src/lib/ids.ts';
import { epoch } from '../../src/lib/time.ts';
import { type ClientKeys, makeKeys } from '../support/keys.ts';
import { type Fields, type Op, startOp, type TestClient } from '../support/op.ts';
import { ASSERTION } from './client-methods.ts';
import { createHolder, type Holder } from './dpop-proofs.ts';

const ALIAS = 'https://mtls.example/id';

let op: Op;
let keys: ClientKeys;
let client: TestClient;
let holder: Holder;
beforeAll(async () => {
  op = await startOp({ mtls: { mode: 'proxy', endpoint_base: ALIAS } }, { path: '/id' });
  [keys, holder] = await Promise.all([makeKeys('ES256'), createHolder()]);
  client = await op.createClient({
    type: 'server-to-server',
    grant_types: ['client_credentials', JWT_BEARER],
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: keys.jwks as never,
  });
});
afterAll(() => op?.close());

const assertion = (aud: unknown) =>
  new SignJWT({ iss: client.client_id, sub: client.client_id, aud: aud as string, jti: newId() })
    .setProtectedHeader({ alg: keys.alg, kid: keys.kid })
    .setExpirationTime(epoch() + 60)
    .sign(keys.privateKey);

const send = async (aud: string, htu: string | undefined, fields: Fields) => {
  const { status, body } = await op.post(
    '/token',
    { client_assertion_type: ASSERTION, client_assertion: await assertion(aud), ...fields },
    { headers: htu === undefined ? {} : { dpop: await holder.prove('POST', htu) } },
  );
  return status === 200 ? 'accepted' : body.error;
};

describe.each([
  ['no proof of possession', () => undefined],
  ['a proof for the endpoint', () => `${op.issuer}/token`],
  ['a proof for its alias', () => `${ALIAS}/token`],
])('with %s', (_, htu) => {
  test('the issuer and the token endpoint, by any of its addresses, are this server', async () => {
    const grant = { grant_type: 'client_credentials' };
    for (const aud of [op.issuer, `${op.issuer}/token`, `${ALIAS}/token`]) {
      expect([aud, await send(aud, htu(), grant)]).toEqual([aud, 'accepted']);
    }
    for (const aud of [ALIAS, `${ALIAS}/par`, `${op.issuer}/`, `${op.issuer}/par`]) {
      expect([aud, await send(aud, htu(), grant)]).toEqual([aud, 'invalid_client']);
    }
  });

  test('so it is for an assertion that is a grant', async () => {
    const exchange = async (aud: string) =>
      send(op.issuer, htu(), { grant_type: JWT_BEARER, assertion: await assertion(aud) });
    for (const aud of [op.issuer, `${op.issuer}/token`, `${ALIAS}/token`]) {
      expect([aud, await exchange(aud)]).toEqual([aud, 'accepted']);
    }
    for (const aud of [ALIAS, `${ALIAS}/par`]) {
      expect([aud, await exchange(aud)]).toEqual([aud, 'invalid_grant']);
    }
  });
});
