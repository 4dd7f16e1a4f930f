import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { issue, SERVER_AUTH } from '../support/certificates.ts';
import { type Op, startOp } from '../support/op.ts';
import {
  register,
  registered,
  send,
  tokenFor,
  updatable,
  update,
  webClient,
} from './registrations.ts';

const ANCHOR = 'https://directory.example';
const now = () => Math.floor(Date.now() / 1000);

/** Publishes the keys of an issuer; those of another one are nowhere. */
const site = issue({ san: { ip: ['127.0.0.1'] }, uses: [SERVER_AUTH], authority: true });
const trusted = tls.getCACertificates('default');
let published: object;
const directory = createServer({ key: site.keyPem, cert: site.pem }, (_, response) => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(published));
});

let op: Op;
let token: string;
let keys: { privateKey: CryptoKey; publicKey: CryptoKey };
let stranger: typeof keys;

beforeAll(async () => {
  keys = await generateKeyPair('PS256');
  stranger = await generateKeyPair('PS256');
  const jwk = { ...(await exportJWK(keys.publicKey)), alg: 'PS256', kid: 'one' };
  published = { keys: [jwk] };
  tls.setDefaultCACertificates([...trusted, site.pem]);
  directory.listen(0, '127.0.0.1');
  await once(directory, 'listening');
  const { port } = directory.address() as AddressInfo;
  op = await startOp({
    registration: {
      trust_anchors: [
        { issuer: ANCHOR, jwks: { keys: [jwk] } },
        { issuer: 'https://online.example', jwks_uri: `https://127.0.0.1:${port}/` },
        { issuer: 'https://offline.example', jwks_uri: 'https://127.0.0.1:1/' },
      ],
    },
  });
  token = await tokenFor(op);
});
afterAll(async () => {
  tls.setDefaultCACertificates(trusted);
  await op.close();
  directory.closeAllConnections();
  directory.close();
});

interface Made {
  claims?: Record<string, unknown>;
  header?: Record<string, unknown>;
  key?: CryptoKey | Uint8Array;
}

const statement = ({ claims = {}, header = {}, key = keys.privateKey }: Made = {}) =>
  new SignJWT({ iss: ANCHOR, iat: now(), exp: now() + 300, software_id: 'the-software', ...claims })
    .setProtectedHeader({ alg: 'PS256', kid: 'one', ...header })
    .sign(key);

const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a software statement', () => {
  test('wins over the request, is answered as it came, and goes on winning in updates', async () => {
    const software_statement = await statement({
      claims: { client_name: 'By the book', redirect_uris: webClient.redirect_uris },
    });
    const information = await registered(op, token, {
      software_statement,
      client_name: 'By myself',
      redirect_uris: ['https://else.example/'],
      policy_uri: 'https://rp.example/policy',
    });
    const wins = { client_name: 'By the book', redirect_uris: webClient.redirect_uris };
    expect(information).toMatchObject({ ...wins, software_statement, software_id: 'the-software' });
    expect(information.policy_uri).toBe('https://rp.example/policy');

    const { software_statement: _, ...without } = updatable(information);
    const answer = await send(op, 'PUT', information.registration_client_uri, {
      token: information.registration_access_token,
      body: { ...without, client_name: 'By myself again', policy_uri: null },
    });
    expect(answer.body).toMatchObject({ ...wins, software_statement });
    expect(answer.body).not.toHaveProperty('policy_uri');

    const newer = await statement({ claims: { client_name: 'Second edition' } });
    const after = await update(op, answer.body, { software_statement: newer });
    expect(after.body).toMatchObject({ client_name: 'Second edition', software_statement: newer });
    const wrong = await update(op, after.body, { software_statement: `${newer}x` });
    expect([wrong.status, wrong.body.error]).toEqual([400, 'invalid_software_statement']);
  });

  test('does not make what only administrators make, and its other claims do not matter', async () => {
    const claims = { first_party: true, type: 'financial', roles: ['AISP'], org_id: '1' };
    const software_statement = await statement({ claims });
    const { client_id } = await registered(op, token, { ...webClient, software_statement });
    const known = await op.admin(`/clients/${client_id}`);
    expect(known.body).toMatchObject({ first_party: false, type: 'web' });
  });

  test('is held to the policy and the rules like the request', async () => {
    const own = await tokenFor(op, { redirect_domains: ['rp.example'] });
    const software_statement = await statement({
      claims: { redirect_uris: ['https://else.example/'] },
    });
    const answer = await register(op, own, { ...webClient, software_statement });
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_redirect_uri']);
  });

  const bad: [string, string, () => Promise<unknown> | unknown][] = [
    ['is expired', 'invalid', () => statement({ claims: { exp: now() - 60 } })],
    ['is not valid yet', 'invalid', () => statement({ claims: { nbf: now() + 600 } })],
    [
      'is for another server',
      'invalid',
      () => statement({ claims: { aud: 'https://other.example' } }),
    ],
    ['is signed with another key', 'invalid', () => statement({ key: stranger.privateKey })],
    ['names an unknown key', 'invalid', () => statement({ header: { kid: 'two' } })],
    [
      'is signed with HS256 and the public key',
      'invalid',
      async () => {
        const public_ = JSON.stringify(await exportJWK(keys.publicKey));
        return statement({ header: { alg: 'HS256' }, key: Buffer.from(public_.padEnd(64)) });
      },
    ],
    [
      'is not signed',
      'invalid',
      () => `${base64({ alg: 'none' })}.${base64({ iss: ANCHOR, exp: now() + 300 })}.`,
    ],
    ['is no JWT', 'invalid', () => 'nonsense'],
    ['is no text', 'invalid', () => ({ iss: ANCHOR })],
    ['is a book', 'invalid', () => 'x'.repeat(20_000)],
    [
      'is of an unknown issuer',
      'unapproved',
      () => statement({ claims: { iss: 'https://x.example' } }),
    ],
    ['is of no issuer', 'unapproved', () => statement({ claims: { iss: undefined } })],
    ['is of __proto__', 'unapproved', () => statement({ claims: { iss: '__proto__' } })],
  ];
  test.each(bad)('that %s is refused as %s', async (_, code, make) => {
    const answer = await register(op, token, { ...webClient, software_statement: await make() });
    expect([answer.status, answer.body.error]).toEqual([400, `${code}_software_statement`]);
  });

  test('is verified with the keys that its issuer publishes, when they can be had', async () => {
    const of = async (iss: string) => ({
      ...webClient,
      software_statement: await statement({ claims: { iss } }),
    });
    expect((await register(op, token, await of('https://online.example'))).status).toBe(201);
    const answer = await register(op, token, await of('https://offline.example'));
    expect([answer.status, answer.body.error]).toEqual([503, 'temporarily_unavailable']);
    expect(answer.headers.get('retry-after')).toBe('60');
    expect(JSON.stringify(answer.body)).not.toContain('127.0.0.1');
  });

  test('for this server is taken', async () => {
    const software_statement = await statement({ claims: { aud: op.issuer } });
    expect((await register(op, token, { ...webClient, software_statement })).status).toBe(201);
  });

  test('is demanded by a policy that wants one', async () => {
    const own = await tokenFor(op, { software_statement: true });
    const without = await register(op, own);
    expect([without.status, without.body.error]).toEqual([400, 'invalid_software_statement']);
    const software_statement = await statement();
    expect((await register(op, own, { ...webClient, software_statement })).status).toBe(201);
  });
});
