import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createAgent, isConsent, wordsOf } from '../support/agent.ts';
import { issue, SERVER_AUTH } from '../support/certificates.ts';
import { CALLBACK, type Op, startOp, type TestAccount } from '../support/op.ts';
import { createRp } from '../support/rp.ts';

const trusted = tls.getCACertificates('default');
/** What is answered at each path, and how often it was asked for. */
const documents = new Map<string, (request: IncomingMessage, response: ServerResponse) => void>();
const asked = new Map<string, number>();

let base: string;
let op: Op;
let account: TestAccount;
const site = issue({
  subject: [['CN', '127.0.0.1']],
  san: { ip: ['127.0.0.1'] },
  uses: [SERVER_AUTH],
  authority: true,
});
const server = createServer({ key: site.keyPem, cert: site.pem }, (request, response) => {
  const path = request.url ?? '';
  asked.set(path, (asked.get(path) ?? 0) + 1);
  const answer = documents.get(path);
  if (answer) answer(request, response);
  else response.writeHead(404).end();
});

const settings = { client_id_metadata_documents: true };

beforeAll(async () => {
  tls.setDefaultCACertificates([...trusted, site.pem]);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  op = await startOp({ registration: settings });
  account = await op.createAccount();
});
afterAll(async () => {
  tls.setDefaultCACertificates(trusted);
  await op.close();
  server.closeAllConnections();
  server.close();
});

let made = 0;
/** Publishes a document of its own address with these changes; answers the address. */
function publish(
  changes: Record<string, unknown> = {},
  { headers = {}, status = 200 }: { headers?: Record<string, string>; status?: number } = {},
): string {
  made += 1;
  const path = `/client-${made}.json`;
  const client_id = base + path;
  const document = {
    client_id,
    client_name: 'Your Bank',
    redirect_uris: [CALLBACK],
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    ...changes,
  };
  documents.set(path, (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(document));
  });
  return client_id;
}

const rpOf = (client_id: string, at = op) =>
  createRp(at.issuer, {
    client_id,
    redirect_uris: [CALLBACK],
    token_endpoint_auth_method: 'none',
  });
/** The page that an authorization request of this client leads to. */
async function begin(client_id: string, at = op, headers = {}) {
  const { url } = await (await rpOf(client_id, at)).start();
  return createAgent(at.issuer, headers).visit(url);
}
const times = (client_id: string) => asked.get(new URL(client_id).pathname) ?? 0;
const reasons = () =>
  op.logs.flatMap(({ detail, description }) => [detail, description]).map(String);

describe('a client ID metadata document', () => {
  test('lets a client sign people in that nobody registered, with their consent', async () => {
    const client_id = publish();
    const rp = await rpOf(client_id);
    const { claims, tokens } = await rp.signIn(account, { scope: 'openid email' });
    expect(claims).toMatchObject({ sub: account.id, aud: client_id });
    expect((await rp.userInfo(tokens)).email).toBe(account.email);
    expect((await rp.refresh(tokens.refresh_token ?? '')).access_token).toEqual(expect.any(String));
    const discovery = await op.get('/.well-known/openid-configuration');
    expect(discovery.body.client_id_metadata_document_supported).toBe(true);
  });

  test('asks for consent, and shows where it is instead of what it says of itself', async () => {
    const client_id = publish({ logo_uri: 'https://rp.example/logo.png' });
    const { url } = await (await rpOf(client_id)).start({ scope: 'openid email' });
    const agent = createAgent(op.issuer);
    const login = await agent.visit(url);
    expect(wordsOf(login)).toContain(new URL(base).host);
    const consent = await agent.submit(login, { email: account.email, password: account.password });
    expect(isConsent(consent)).toBe(true);
    expect(wordsOf(consent)).toContain(new URL(base).host);
    expect(wordsOf(consent)).not.toContain('Your Bank');
    expect(consent.html).not.toContain('logo.png');
  });

  test('is fetched once and then kept', async () => {
    const client_id = publish({}, { headers: { 'cache-control': 'max-age=600' } });
    for (let i = 0; i < 3; i += 1) expect((await begin(client_id)).status).toBe(200);
    expect(times(client_id)).toBe(1);
  });

  const own: [string, unknown][] = [
    ['first_party', true],
    ['first_party', false],
    ['type', 'web'],
    ['fapi_profile', 'fapi2-security-profile'],
    ['openid_conformance', true],
    ['extra_metadata', { plan: 'gold' }],
    ['description', 'Trust me'],
  ];
  test.each(own)('must not say what administrators decide: %s %j', async (name, value) => {
    const page = await begin(publish({ [name]: value }));
    expect(page.status).toBe(400);
    expect(reasons()).toContain(`${name} is for administrators to set`);
  });

  test.each([
    ['a secret', { token_endpoint_auth_method: 'client_secret_basic' }],
    ['machine tokens', { grant_types: ['authorization_code', 'client_credentials'] }],
    [
      'tokens from the authorization endpoint',
      { grant_types: ['authorization_code', 'implicit'], response_types: ['code', 'id_token'] },
    ],
    ['a hostile redirect', { redirect_uris: [CALLBACK, 'http://evil.example/'] }],
    ['a redirect to the person’s machine', { redirect_uris: [CALLBACK, 'http://127.0.0.1/'] }],
    ['another address', { client_id: 'https://rp.example/client.json' }],
    ['a hidden name', { client_name: 'A\u202eB' }],
  ])('cannot have %s', async (_, changes) => {
    expect((await begin(publish(changes))).status).toBe(400);
  });

  test.each([
    ['too large', () => publish({ software_id: 'x'.repeat(6000) })],
    ['somewhere else', () => publish({}, { status: 302, headers: { location: publish() } })],
    ['not there', () => `${base}/nothing.json`],
    [
      'not JSON',
      () => {
        const client_id = publish();
        documents.set(new URL(client_id).pathname, (_, response) => response.end('<html>'));
        return client_id;
      },
    ],
    ['at a private address', () => 'https://10.0.0.1/client.json'],
    ['at a link-local address', () => 'https://169.254.169.254/latest/meta-data/'],
    ['at an address inside another', () => 'https://[::ffff:10.0.0.1]/client.json'],
    ['of an address without TLS', () => 'http://127.0.0.1/client.json'],
    ['of an endless address', () => `${base}/${'x'.repeat(600)}`],
  ])('is refused that is %s', async (_, where) => {
    const client_id = where();
    const page = await begin(client_id);
    expect([page.status, page.left]).toEqual([400, undefined]);
  });

  test('is not asked for on this machine where that is not allowed', async () => {
    const strict = await startOp({ registration: settings, fetch: { allow_loopback: false } });
    try {
      const client_id = publish();
      expect((await begin(client_id, strict)).status).toBe(400);
      expect(times(client_id)).toBe(0);
    } finally {
      await strict.close();
    }
  });

  test('is nothing while the switch is off', async () => {
    const off = await startOp();
    try {
      const client_id = publish();
      expect((await begin(client_id, off)).status).toBe(400);
      expect(times(client_id)).toBe(0);
      const discovery = await off.get('/.well-known/openid-configuration');
      expect(discovery.body).not.toHaveProperty('client_id_metadata_document_supported');
    } finally {
      await off.close();
    }
  });

  test('is fetched so often and no more for one address', async () => {
    const limited = await startOp({
      registration: settings,
      limits: { registration: { ip: { max: 2, per: 60 } } },
    });
    try {
      const ids = [publish(), publish(), publish()];
      const statuses = [];
      for (const client_id of ids) statuses.push((await begin(client_id, limited)).status);
      expect(statuses).toEqual([200, 200, 400]);
      expect(ids.map(times)).toEqual([1, 1, 0]);
    } finally {
      await limited.close();
    }
  });

  test('is held to the policy that the configuration names', async () => {
    const named = await startOp({
      registration: { ...settings, client_id_metadata_policy: 'documents' },
    });
    try {
      const policy = { name: 'documents', redirect_domains: ['rp.example'], loopback: true };
      await named.admin('/registration-policies', { method: 'POST', body: policy });
      expect((await begin(publish(), named)).status).toBe(200);
      const native = { application_type: 'native', redirect_uris: [CALLBACK, 'http://127.0.0.1/'] };
      expect((await begin(publish(native), named)).status).toBe(200);
      const patch = (body: object) =>
        named.admin('/registration-policies/documents', { method: 'PATCH', body });
      await patch({ scopes: ['openid'] });
      const { url } = await (await rpOf(publish(), named)).start({ scope: 'openid email' });
      const refused = await createAgent(named.issuer).visit(url);
      expect(refused.left?.searchParams.get('error')).toBe('invalid_scope');
      expect((await begin(publish(), named)).status).toBe(200);
      for (const beyond of [
        { software_statement: true },
        { fapi_profile: 'fapi1-baseline' },
        { openid_conformance: true },
      ]) {
        await patch(beyond);
        expect((await begin(publish(), named)).status).toBe(400);
        await patch({ software_statement: false, fapi_profile: null, openid_conformance: false });
        expect((await begin(publish(), named)).status).toBe(200);
      }
      const other = { redirect_uris: [CALLBACK, 'https://else.example/'] };
      expect((await begin(publish(other), named)).status).toBe(400);
    } finally {
      await named.close();
    }
  });
});
