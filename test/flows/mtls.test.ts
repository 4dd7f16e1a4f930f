/** Certificates over TLS, without a proxy: the program as an operator starts it, and real sockets. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import https from 'node:https';
import { type AddressInfo, connect as connectPlainly, createServer } from 'node:net';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '../../src/lib/ids.ts';
import { CLIENT_AUTH, createAuthority, type Issued, issue } from '../support/certificates.ts';
import { basicAuth, type Fields, formOf } from '../support/op.ts';
import { freePort, type Running, start, temporaryFolder } from './child.ts';

const subject = [['CN', 'client']] as const;
const serverAuthority = createAuthority('Servers CA');
const server = issue({ subject: [['CN', 'id']], san: { ip: ['127.0.0.1'] } }, serverAuthority);
const root = createAuthority('Root CA');
const between = issue({ subject: [['CN', 'Issuing CA']], authority: true }, root);
const certified = issue({ subject, uses: [CLIENT_AUTH] }, root);
const chained = issue({ subject, uses: [CLIENT_AUTH] }, between);
const orphan = issue({ subject, uses: [CLIENT_AUTH] }, between);
/** It issues for clients, and to no other authority. */
const last = createAuthority('Last CA', { pathLength: 0 });
const below = issue({ subject: [['CN', 'One CA too many']], authority: true }, last);
const direct = issue({ subject, uses: [CLIENT_AUTH] }, last);
const tooDeep = issue({ subject, uses: [CLIENT_AUTH] }, below);
const posing = issue({ subject, uses: [CLIENT_AUTH] }, certified);
const selfSigned = issue({ subject });

const folder = temporaryFolder();
const admin = { id: 'automation', secret: newId(256) };
let running: Running;
let issuer: string;
let mutual: string;

interface Reply {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: what a body holds is what the test is about
  body: any;
}

interface Sent {
  method?: string;
  body?: string;
  headers?: Record<string, string>;
  certificate?: Issued;
  /** Sent behind the certificate. */
  chain?: Issued;
}

const request = async (url: string, sent: Sent = {}): Promise<Reply> => {
  const { certificate, chain, body, ...rest } = sent;
  const asked = https.request(url, {
    ...rest,
    agent: false,
    ca: serverAuthority.pem,
    ...(certificate && { cert: certificate.pem + (chain?.pem ?? ''), key: certificate.keyPem }),
  });
  asked.end(body);
  const [response] = await once(asked, 'response');
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, body: text && JSON.parse(text) };
};

const post = (url: string, fields: Fields, sent: Sent = {}) =>
  request(url, {
    ...sent,
    method: 'POST',
    body: String(formOf(fields)),
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...sent.headers },
  });

async function createClient(metadata: object): Promise<{ client_id: string }> {
  const grant = {
    grant_type: 'client_credentials',
    resource: `${issuer}/api/v1`,
    scope: 'clients:write',
  };
  const headers = { authorization: basicAuth(admin.id, admin.secret) };
  const { body: granted } = await post(`${issuer}/token`, grant, { headers });
  const { status, body } = await request(`${issuer}/api/v1/clients`, {
    method: 'POST',
    body: JSON.stringify({ type: 'server-to-server', ...metadata }),
    headers: {
      authorization: `Bearer ${granted.access_token}`,
      'content-type': 'application/json',
    },
  });
  if (status !== 201) throw new Error(JSON.stringify(body));
  return body;
}

beforeAll(async () => {
  const write = (name: string, text: string) => {
    writeFileSync(join(folder.path, name), text);
    return join(folder.path, name);
  };
  const [port, mtlsPort] = [await freePort(), await freePort()];
  [issuer, mutual] = [`https://127.0.0.1:${port}/id`, `https://127.0.0.1:${mtlsPort}/id`];
  running = start({
    CONFIG_FILE: write(
      'op.yaml',
      JSON.stringify({
        mtls: { ca: [write('ca.pem', root.pem + last.pem)] },
        mail: { folder: folder.path },
      }),
    ),
    ISSUER: issuer,
    PORT: String(port),
    MTLS_MODE: 'direct',
    MTLS_PORT: String(mtlsPort),
    TLS_CERT: write('server.pem', server.pem),
    TLS_KEY: write('server.key', server.keyPem),
    STORE_URL: 'memory:',
    SECRETS_KEY: newId(256),
    ADMIN_CLIENT_ID: admin.id,
    ADMIN_CLIENT_SECRET: admin.secret,
  });
  for (let tries = 0; !running.stdout().includes('Clientele serves'); tries += 1) {
    if (running.child.exitCode !== null || tries > 200) throw new Error(running.stderr());
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}, 15_000);
afterAll(async () => {
  running?.child.kill('SIGTERM');
  await running?.ended;
  folder.remove();
});

const ask = async (base: string, { client_id }: { client_id: string }, sent: Sent) => {
  const answer = await post(`${base}/token`, { grant_type: 'client_credentials', client_id }, sent);
  return answer.status === 200 ? 'accepted' : [answer.status, answer.body.error];
};
const refused = [401, 'invalid_client'];

test('discovery names the listener that asks for certificates, and the issuer does not move', async () => {
  for (const base of [issuer, mutual]) {
    const { body } = await request(`${base}/.well-known/openid-configuration`);
    expect(body.issuer).toBe(issuer);
    expect(body.token_endpoint).toBe(`${issuer}/token`);
    expect(body.mtls_endpoint_aliases).toEqual({
      token_endpoint: `${mutual}/token`,
      revocation_endpoint: `${mutual}/revoke`,
      introspection_endpoint: `${mutual}/introspect`,
      userinfo_endpoint: `${mutual}/userinfo`,
      pushed_authorization_request_endpoint: `${mutual}/par`,
      device_authorization_endpoint: `${mutual}/device/authorize`,
      backchannel_authentication_endpoint: `${mutual}/backchannel`,
    });
  }
});

describe('tls_client_auth', () => {
  let client: { client_id: string };
  beforeAll(async () => {
    client = await createClient({
      token_endpoint_auth_method: 'tls_client_auth',
      tls_client_auth_subject_dn: 'CN=client',
    });
  });

  test('takes a certificate that chains to the authority, also by way of another', async () => {
    expect(await ask(mutual, client, { certificate: certified })).toBe('accepted');
    expect(await ask(mutual, client, { certificate: chained, chain: between })).toBe('accepted');
    expect(await ask(mutual, client, { certificate: direct })).toBe('accepted');
  });

  test.each<[what: string, sent: Sent]>([
    ['no certificate', {}],
    ['one that issued itself', { certificate: selfSigned }],
    ['one of another authority', { certificate: issue({ subject }, createAuthority()) }],
    [
      'one of an authority of the same name',
      { certificate: issue({ subject }, createAuthority('Root CA')) },
    ],
    ['one whose chain is not there', { certificate: orphan }],
    ['one whose time has ended', { certificate: issue({ subject, days: [-9, -1] }, root) }],
    ['one whose authority may have none below it', { certificate: tooDeep, chain: below }],
    ['one whose authority is none', { certificate: posing, chain: certified }],
    ['one of another subject', { certificate: issue({ subject: [['CN', 'x']] }, root) }],
    ['one for servers', { certificate: issue({ subject, uses: ['1.3.6.1.5.5.7.3.1'] }, root) }],
    [
      'one in a header',
      { headers: { 'x-client-cert': certified.escaped, 'x-client-verify': 'SUCCESS' } },
    ],
  ])('refuses %s', async (_, sent) => {
    expect(await ask(mutual, client, sent)).toEqual(refused);
  });

  test('is not to be had where no certificate is asked for', async () => {
    expect(await ask(issuer, client, { certificate: certified })).toEqual(refused);
  });
});

test('self_signed_tls_client_auth takes the registered certificate and no other', async () => {
  const client = await createClient({
    token_endpoint_auth_method: 'self_signed_tls_client_auth',
    jwks: { keys: [selfSigned.jwk] },
  });
  expect(await ask(mutual, client, { certificate: selfSigned })).toBe('accepted');
  expect(await ask(mutual, client, { certificate: issue({ subject }) })).toEqual(refused);
  expect(await ask(mutual, client, { certificate: certified })).toEqual(refused);
  expect(await ask(issuer, client, { certificate: selfSigned })).toEqual(refused);
});

test('authorities are not named to clients, which would keep other certificates back', async () => {
  const { hostname, port } = new URL(mutual);
  const heard: Buffer[] = [];
  const tap = createServer((near) => {
    const far = connectPlainly(Number(port), hostname);
    near.pipe(far).pipe(near);
    far.on('data', (chunk) => heard.push(chunk));
    for (const end of [near, far]) end.on('error', () => {});
  }).listen(0, '127.0.0.1');
  await once(tap, 'listening');
  // In TLS 1.2 what the server sends first can be read on the way.
  const socket = connect({
    host: hostname,
    port: (tap.address() as AddressInfo).port,
    ca: serverAuthority.pem,
    maxVersion: 'TLSv1.2',
  });
  await once(socket, 'secureConnect');
  socket.destroy();
  tap.close();
  const said = Buffer.concat(heard).toString('latin1');
  expect(said).toContain('Servers CA');
  expect(said).not.toContain('Root CA');
});

test('a certificate without its key does not come through', async () => {
  const stolen = { ...certified, keyPem: selfSigned.keyPem };
  await expect(request(`${mutual}/token`, { certificate: stolen })).rejects.toThrow();
});

test.each([
  ['alone', certified.pem, certified.keyPem],
  ['and those behind it', chained.pem + between.pem, chained.keyPem],
])('a resumed connection still has its certificate, %s', async (_, cert, key) => {
  const client = await createClient({
    token_endpoint_auth_method: 'tls_client_auth',
    tls_client_auth_subject_dn: 'CN=client',
  });
  const { hostname, port, pathname } = new URL(`${mutual}/token`);
  const body = `grant_type=client_credentials&client_id=${client.client_id}`;
  const converse = async (session?: Buffer) => {
    const socket = connect({
      host: hostname,
      port: Number(port),
      ca: serverAuthority.pem,
      ...(session ? { session } : { cert, key }),
    });
    let ticket: Buffer | undefined;
    let reused: boolean | undefined;
    socket.on('secureConnect', () => {
      reused = socket.isSessionReused();
    });
    socket.on('session', (value) => {
      ticket = value;
    });
    socket.write(
      `POST ${pathname} HTTP/1.1\r\nHost: ${hostname}\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    let text = '';
    for await (const chunk of socket) text += chunk;
    return { status: text.slice(9, 12), reused, ticket };
  };
  const first = await converse();
  expect(first).toMatchObject({ status: '200', reused: false });
  expect(await converse(first.ticket)).toMatchObject({ status: '200', reused: true });
});

// RFC 9325, section 4.2; the certificate is an RSA or an ECDSA one, so one of each pair is to be had.
test.each<[suite: string, taken: boolean]>([
  ['AES128-GCM-SHA256', true],
  ['AES256-GCM-SHA384', true],
  ['CHACHA20-POLY1305', false],
  ['AES256-SHA384', false],
])('TLS 1.2 with ECDHE and %s: %s, wherever it listens', async (suite, taken) => {
  for (const base of [issuer, mutual]) {
    const { hostname, port } = new URL(base);
    const socket = connect({
      host: hostname,
      port: Number(port),
      ca: serverAuthority.pem,
      maxVersion: 'TLSv1.2',
      ciphers: `ECDHE-RSA-${suite}:ECDHE-ECDSA-${suite}`,
    });
    const agreed = await Promise.race([
      once(socket, 'secureConnect').then(() => socket.getCipher().name.endsWith(suite)),
      once(socket, 'error').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    expect(agreed).toBe(taken);
  }
});
