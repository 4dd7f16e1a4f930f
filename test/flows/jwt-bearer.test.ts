/** The JWT bearer grant (RFC 7523): a signed assertion instead of somebody's consent. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt, type JWTPayload, SignJWT } from 'jose';
import { JWT_BEARER } from '../../src/clients/values.ts';
import { newId } from '../../src/lib/ids.ts';
import { epoch } from '../../src/lib/time.ts';
import { type ClientKeys, makeKeys } from '../support/keys.ts';
import { type Fields, type Op, startOp, type TestAccount, type TestClient } from '../support/op.ts';
import { createRp, openid } from '../support/rp.ts';
import { introspect, postAs } from './requests.ts';

const keys = await makeKeys('ES256', 'service');
const stranger = await makeKeys('ES256', 'service');
const hr = await makeKeys('PS256', 'hr');
const platform = await makeKeys('PS256', 'platform');

let op: Op;
let service: TestClient;
let account: TestAccount;
let photos: string;
let albums: string;

const trusted = (issuer: string, { jwks }: ClientKeys, more: object) => ({ issuer, jwks, ...more });

beforeAll(async () => {
  op = await startOp({
    jwt_bearer: {
      issuers: [
        trusted('https://hr.example', hr, { subject: 'account', clients: ['trusted-service'] }),
        trusted('https://platform.example', platform, { clients: ['*'] }),
      ] as never,
    },
  });
  [service, account, photos, albums] = await Promise.all([
    createService({ client_id: 'trusted-service' }),
    op.createAccount(),
    resource('jwt'),
    resource('opaque'),
  ]);
});
afterAll(() => op?.close());

const createService = (more: object = {}) =>
  op.createClient({
    type: 'server-to-server',
    grant_types: [JWT_BEARER],
    jwks: keys.jwks as never,
    ...more,
  });

const resource = async (access_token_format: 'jwt' | 'opaque') =>
  (
    await op.createResource({
      access_token_format,
      scopes: [{ name: 'read' }, { name: 'admin' }],
      access: [{ client_id: '*', scopes: ['read'] }],
    })
  ).identifier;

interface Made {
  claims?: JWTPayload;
  header?: object;
  by?: ClientKeys;
}

/** The service's own assertion; `undefined` leaves a claim out. */
function assertion({ claims = {}, header = {}, by = keys }: Made = {}): Promise<string> {
  const id = service.client_id;
  const said = { iss: id, sub: id, aud: op.issuer, exp: epoch() + 60, jti: newId(), ...claims };
  return new SignJWT(said)
    .setProtectedHeader({ alg: by.alg, kid: by.kid, ...header })
    .sign(by.privateKey);
}

const ask = (value: string | undefined, fields: Fields = {}, client = service, on = op) =>
  postAs(on, client, '/token', {
    grant_type: JWT_BEARER,
    assertion: value,
    resource: photos,
    scope: 'read',
    ...fields,
  });

describe('an assertion leads to', () => {
  test('an access token of the service for a resource, through any library', async () => {
    const rp = await createRp(op.issuer, { ...service, redirect_uris: [] });
    const tokens = await openid.genericGrantRequest(rp.config, JWT_BEARER, {
      assertion: await assertion(),
      resource: photos,
      scope: 'read admin',
    });
    expect(tokens).toMatchObject({ token_type: 'bearer', scope: 'read', expires_in: 3600 });
    expect(tokens).not.toHaveProperty('refresh_token');
    expect(decodeJwt(tokens.access_token)).toMatchObject({
      iss: op.issuer,
      sub: service.client_id,
      client_id: service.client_id,
      aud: photos,
      scope: 'read',
    });
  });

  test('an opaque one without a resource, as client credentials do', async () => {
    const { status, body } = await ask(await assertion(), { resource: undefined });
    expect([status, body.expires_in]).toEqual([200, 600]);
    expect(await introspect(op, service, body.access_token)).toMatchObject({
      active: true,
      client_id: service.client_id,
    });
  });

  test('which discovery tells of', async () => {
    const { body } = await op.get('/.well-known/openid-configuration');
    expect(body.grant_types_supported).toContain(JWT_BEARER);
  });

  test('the same for the token endpoint as audience', async () => {
    const aud = `${op.issuer}/token`;
    for (const claims of [{ aud }, { aud: [aud] }]) {
      expect((await ask(await assertion({ claims }))).status).toBe(200);
    }
  });

  test('one for the client, of an issuer that the operator trusts', async () => {
    const claims = { iss: 'https://platform.example' };
    const { body } = await ask(await assertion({ claims, by: platform }));
    expect(decodeJwt(body.access_token).sub).toBe(service.client_id);
  });

  test('one for an account, of an issuer that is trusted with that, until it is revoked', async () => {
    const claims = { iss: 'https://hr.example', sub: account.id };
    const { body } = await ask(await assertion({ claims, by: hr }), { resource: albums });
    const active = () => introspect(op, service, body.access_token);
    expect(await active()).toMatchObject({
      active: true,
      sub: account.id,
      aud: albums,
      scope: 'read',
    });
    const path = `/accounts/${account.id}/grants/${service.client_id}`;
    expect((await op.admin(path, { method: 'DELETE' })).status).toBe(204);
    expect(await active()).toEqual({ active: false });
  });

  test('one with keys that the client publishes at an address', async () => {
    const host = createServer((_, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(keys.jwks));
    });
    await new Promise<void>((listening) => host.listen(0, '127.0.0.1', listening));
    try {
      const { port } = host.address() as { port: number };
      const client = await createService({
        jwks: undefined,
        jwks_uri: `http://127.0.0.1:${port}/`,
      });
      const own = { iss: client.client_id, sub: client.client_id };
      const { status } = await ask(await assertion({ claims: own }), {}, client);
      expect(status).toBe(200);
      const { body } = await ask(await assertion({ claims: own, by: stranger }), {}, client);
      expect(body.error).toBe('invalid_grant');
    } finally {
      host.close();
    }
  });
});

describe('an assertion is refused', () => {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const changed = async (header: object, sign: (data: string) => string | Promise<string>) => {
    const [, payload] = (await assertion()).split('.');
    const data = `${encode(header)}.${payload}`;
    return `${data}.${await sign(data)}`;
  };

  const table: [what: string, says: RegExp, make: () => Promise<string>][] = [
    [
      'for another server',
      /for this server alone/,
      () => assertion({ claims: { aud: 'https://other.example' } }),
    ],
    [
      'for two servers',
      /for this server alone/,
      () => assertion({ claims: { aud: [op.issuer, 'https://other.example'] } }),
    ],
    ['that has expired', /has expired/, () => assertion({ claims: { exp: epoch() - 60 } })],
    [
      'for more than an hour',
      /within an hour/,
      () => assertion({ claims: { exp: epoch() + 4000 } }),
    ],
    ['that is not valid yet', /not valid yet/, () => assertion({ claims: { nbf: epoch() + 600 } })],
    ...(['sub', 'aud', 'exp', 'jti'] as const).map((claim): (typeof table)[number] => [
      `without ${claim}`,
      /lacks iss, sub, aud, exp or jti/,
      () => assertion({ claims: { [claim]: undefined } }),
    ]),
    [
      'without iss',
      /issuer that is not trusted/,
      () => assertion({ claims: { iss: undefined as never } }),
    ],
    [
      'about another client',
      /about the client itself/,
      () => assertion({ claims: { sub: 'test-admin' } }),
    ],
    [
      'about an account, by the client itself',
      /about the client itself/,
      () => assertion({ claims: { sub: account.id } }),
    ],
    [
      'about an account, by who is not trusted with that',
      /about the client itself/,
      () =>
        assertion({ claims: { iss: 'https://platform.example', sub: account.id }, by: platform }),
    ],
    [
      'about an account that does not exist',
      /account that is not there/,
      () => assertion({ claims: { iss: 'https://hr.example', sub: newId() }, by: hr }),
    ],
    [
      'of an unknown issuer',
      /issuer that is not trusted/,
      () => assertion({ claims: { iss: 'https://evil.example' } }),
    ],
    [
      'with another client’s key of the same name',
      /signature that does not verify/,
      () => assertion({ by: stranger }),
    ],
    [
      'with the key of another trusted issuer',
      /not its issuer/,
      () => assertion({ claims: { iss: 'https://hr.example' }, by: platform }),
    ],
    [
      'with a key of an unknown name',
      /not its issuer/,
      () => assertion({ header: { kid: 'other' } }),
    ],
    [
      'that is for authentication',
      /another kind of JWT/,
      () => assertion({ header: { typ: 'client-authentication+jwt' } }),
    ],
    ['without a signature', /must be signed with/, () => changed({ alg: 'none' }, () => '')],
    [
      'signed with a secret',
      /must be signed with/,
      async () => {
        const secret = new TextEncoder().encode(String(service.client_secret));
        return new SignJWT(decodeJwt(await assertion()))
          .setProtectedHeader({ alg: 'HS256' })
          .sign(secret);
      },
    ],
    ['that is no JWT', /must be a signed JWT/, async () => 'a.b.c'],
    [
      'that is very long',
      /must be a signed JWT/,
      () => assertion({ claims: { filler: 'x'.repeat(17_000) } }),
    ],
  ];

  test.each(table)('%s', async (_, says, make) => {
    const { status, body } = await ask(await make());
    expect([status, body.error]).toEqual([400, 'invalid_grant']);
    expect(body.error_description).toMatch(says);
  });

  test('that is missing', async () => {
    expect((await ask(undefined)).body).toMatchObject({
      error: 'invalid_request',
      error_description: expect.stringContaining('assertion'),
    });
  });

  test('of an issuer that is trusted for another client alone', async () => {
    const other = await createService();
    const claims = { iss: 'https://hr.example', sub: account.id };
    const { body } = await ask(await assertion({ claims, by: hr }), {}, other);
    expect(body.error_description).toMatch(/not trusted for this client/);
  });

  test('that another client presents', async () => {
    const other = await createService();
    expect((await ask(await assertion(), {}, other)).body.error).toBe('invalid_grant');
  });

  test('of a client without keys, which is told what to register', async () => {
    const bare = await createService({ jwks: undefined });
    const claims = { iss: bare.client_id, sub: bare.client_id };
    const { body } = await ask(await assertion({ claims }), {}, bare);
    expect(body.error_description).toMatch(/register jwks or jwks_uri/);
  });

  test('of a client without the grant, or for a resource that it may not use', async () => {
    const other = await op.createClient({ type: 'server-to-server', jwks: keys.jwks as never });
    expect((await ask(await assertion(), {}, other)).body.error).toBe('unauthorized_client');
    const closed = await ask(await assertion(), { resource: `${op.issuer}/api/v1` });
    expect(closed.body.error).toBe('invalid_target');
    const both = await ask(await assertion(), { resource: [photos, albums] });
    expect(both.body.error).toBe('invalid_target');
  });

  test('the second time, and of many at once all but one', async () => {
    const value = await assertion();
    expect((await ask(value)).status).toBe(200);
    expect((await ask(value)).body.error_description).toMatch(/was used before/);
    const next = await assertion();
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask(next)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const { status, body } of answers) {
      if (status !== 200) expect(body).toMatchObject({ error: 'invalid_grant' });
    }
  });
});

test('an assertion that one server took is refused by another that shares its store', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'clientele-'));
  const store = `sqlite:${join(folder, 'shared.db')}`;
  const first = await startOp({}, { store });
  const { issuer, secrets_key } = first.config;
  const admin = { client_secret: first.adminClient.client_secret };
  const second = await startOp({ issuer, secrets_key: String(secrets_key), admin }, { store });
  try {
    const client = await first.createClient({
      type: 'server-to-server',
      grant_types: [JWT_BEARER],
      jwks: keys.jwks as never,
    });
    const { client_id } = client;
    const made = () => assertion({ claims: { iss: client_id, sub: client_id, aud: issuer } });
    const on = `http://127.0.0.1:${second.config.http.port}`;
    const askSecond = async (value: string) => {
      const response = await fetch(`${on}/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: JWT_BEARER,
          assertion: value,
          client_id,
        }),
        headers: { authorization: `Basic ${btoa(`${client_id}:${client.client_secret}`)}` },
      });
      return (await response.json()) as Record<string, string>;
    };
    const value = await made();
    const plain = { resource: undefined, scope: undefined };
    expect((await ask(value, plain, client, first)).status).toBe(200);
    expect(await askSecond(value)).toMatchObject({
      error: 'invalid_grant',
      error_description: expect.stringContaining('was used before'),
    });
    expect(await askSecond(await made())).toHaveProperty('access_token');
  } finally {
    await second.close();
    await first.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
