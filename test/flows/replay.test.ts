/** What may be used once, used many times at once in two processes of one store. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SignJWT } from 'jose';
import { newId } from '../../src/lib/ids.ts';
import { epoch } from '../../src/lib/time.ts';
import { type ClientKeys, makeKeys } from '../support/keys.ts';
import { type Mongo, NO_MONGO, startMongo } from '../support/mongo.ts';
import type { Answer, TestClient } from '../support/op.ts';
import { type Served, serve, temporaryFolder } from './child.ts';
import { ASSERTION } from './client-methods.ts';
import { createHolder, type Holder } from './dpop-proofs.ts';

const USES = 20;
const mongo = await startMongo();
afterAll(() => mongo?.stop());

const noLimit = { max: 0 };

/** @param storeIn the store's address, in this folder if it is a file */
function replays(storeIn: (folder: string) => string): void {
  const folder = temporaryFolder();
  let places: Served[] = [];
  let issuer: string;
  let holder: Holder;
  let keys: ClientKeys;
  let client: TestClient;

  beforeAll(async () => {
    const config = join(folder.path, 'config.json');
    writeFileSync(
      config,
      JSON.stringify({ limits: { client: { client_ip: noLimit, ip: noLimit } } }),
    );
    const env = {
      CONFIG_FILE: config,
      STORE_URL: storeIn(folder.path),
      SECRETS_KEY: newId(256),
      LOG_LEVEL: 'error',
    };
    const first = await serve(env);
    places = [first];
    issuer = first.issuer;
    [holder, keys] = await Promise.all([createHolder(), makeKeys('ES256')]);
    client = await first.createClient({
      type: 'server-to-server',
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: keys.jwks as never,
    });
    places.push(await serve({ ...env, ISSUER: issuer }));
  }, 60_000);
  afterAll(async () => {
    await Promise.all(places.map((place) => place.stop()));
    folder.remove();
  });

  const assert = (jti = newId()) =>
    new SignJWT({ iss: client.client_id, sub: client.client_id, aud: issuer, jti })
      .setProtectedHeader({ alg: keys.alg, kid: keys.kid })
      .setExpirationTime(epoch() + 60)
      .sign(keys.privateKey);
  const prove = (claims: object = {}) => holder.prove('POST', `${issuer}/token`, claims);

  const send = (place: Served, client_assertion: string, dpop: string) =>
    place.post(
      '/token',
      { grant_type: 'client_credentials', client_assertion_type: ASSERTION, client_assertion },
      { headers: { dpop } },
    );
  const at = (index: number) => places[index % places.length] as Served;
  const inBoth = (use: (place: Served) => Promise<Answer>) =>
    Promise.all(Array.from({ length: USES }, (_, index) => use(at(index))));
  const count = (answers: Answer[]) =>
    answers.map(({ status, body }) => [status, body.error ?? 'tokens'].join(' ')).sort();

  test('of twenty uses of a client assertion one succeeds', async () => {
    const assertion = await assert();
    const answers = await inBoth(async (place) => send(place, assertion, await prove()));
    expect(count(answers)).toEqual(['200 tokens', ...Array(USES - 1).fill('401 invalid_client')]);
  });

  test('of twenty uses of a proof of possession one succeeds', async () => {
    const proof = await prove();
    const answers = await inBoth(async (place) => send(place, await assert(), proof));
    expect(count(answers)).toEqual(['200 tokens', ...Array(USES - 1).fill('400 invalid_grant')]);
  });

  test('a nonce of one process is good in the other, and no reason to use a proof twice', async () => {
    const told = await send(at(0), await assert(), await prove());
    const nonce = told.headers.get('dpop-nonce');
    expect(nonce).toMatch(/^[\w-]{43}$/);
    const proof = await prove({ nonce });
    const answers = await inBoth(async (place) => send(place, await assert(), proof));
    expect(count(answers)).toEqual(['200 tokens', ...Array(USES - 1).fill('400 invalid_grant')]);
    const other = await send(at(1), await assert(), await prove({ nonce }));
    expect(other.status).toBe(200);
  });
}

describe('on SQLite', () => replays((folder) => `sqlite:${join(folder, 'store.db')}`));

if (mongo) describe('on MongoDB', () => replays(() => (mongo as Mongo).url));
else test.skip(NO_MONGO, () => {});
