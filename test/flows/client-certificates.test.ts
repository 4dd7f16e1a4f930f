/** Certificates in a header: whose, from whom, and what they must say (RFC 8705). */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type CertificateOptions,
  CLIENT_AUTH,
  createAuthority,
  type Issued,
  issue,
  SERVER_AUTH,
} from '../support/certificates.ts';
import { type Fields, formOf, type Op, startOp, type TestClient } from '../support/op.ts';
import {
  authority,
  certified,
  createClientWith,
  selfSigned,
  send,
  shownBy,
  token,
  verdictOf,
} from './client-methods.ts';

/** Believes the proxy; `byOwnCheck` knows authorities; `farProxy` believes another address. */
let op: Op;
let byOwnCheck: Op;
let farProxy: Op;
const folder = mkdtempSync(join(tmpdir(), 'clientele-'));
const constrained = createAuthority('Constrained CA', { permitted: 'inside.example' });
const lapsed = createAuthority('Lapsed CA', { days: [-30, -1] });

beforeAll(async () => {
  const ca = join(folder, 'ca.pem');
  writeFileSync(ca, authority.pem + constrained.pem + lapsed.pem);
  op = await startOp({ mtls: { mode: 'proxy' } });
  byOwnCheck = await startOp({ mtls: { mode: 'proxy', ca: [ca] } });
  farProxy = await startOp({ mtls: { mode: 'proxy', trusted_proxies: ['127.0.0.2/32'] } });
});
afterAll(async () => {
  for (const each of [op, byOwnCheck, farProxy]) await each?.close();
  rmSync(folder, { recursive: true });
});

const ask = async (
  at: Op,
  { client_id }: { client_id: string },
  headers: Record<string, string>,
) => {
  const presented = { fields: { client_id }, options: { headers } };
  return verdictOf(token, await send(at, token, presented));
};

describe('what a certificate of the authority must say', () => {
  interface Row {
    property: string;
    value: string;
    fits: CertificateOptions[];
    others: CertificateOptions[];
  }
  const rows: Row[] = [
    {
      property: 'tls_client_auth_subject_dn',
      value: 'CN=Client\\, One+OU=2C,O=Exämple  Bank,C=DE',
      fits: [
        {
          subject: [
            ['C', 'DE', 0x13],
            ['O', 'Exämple Bank'],
            [
              ['CN', 'Client, One'],
              ['OU', '2C'],
            ],
          ],
        },
        {
          subject: [
            ['C', 'de'],
            ['O', 'exämple bank', 0x1e],
            [
              ['OU', '2c'],
              ['CN', ' client,  one'],
            ],
          ],
        },
      ],
      others: [
        { subject: [['CN', 'Client, One+OU=2C,O=Exämple  Bank,C=DE']] },
        {
          subject: [
            ['C', 'DE'],
            ['O', 'Exämple Bank'],
            ['CN', 'Client'],
            [
              ['CN', 'One'],
              ['OU', '2C'],
            ],
          ],
        },
        {
          subject: [
            ['C', 'DE'],
            ['O', 'Exämple Bank'],
            ['OU', '2C'],
            ['CN', 'Client, One'],
          ],
        },
        {
          subject: [
            [
              ['CN', 'Client, One'],
              ['OU', '2C'],
            ],
            ['O', 'Exämple Bank'],
            ['C', 'DE'],
          ],
        },
        { subject: [['CN', 'Client, One']] },
        { subject: [] },
      ],
    },
    {
      property: 'tls_client_auth_subject_dn',
      value: '2.5.4.97=#0c0d50534444452d424146494e2d31,CN=a',
      fits: [
        {
          subject: [
            ['CN', 'a'],
            ['organizationIdentifier', 'PSDDE-BAFIN-1'],
          ],
        },
      ],
      others: [
        {
          subject: [
            ['CN', 'a'],
            ['organizationIdentifier', '#0c0d50534444452d424146494e2d31'],
          ],
        },
      ],
    },
    {
      property: 'tls_client_auth_san_dns',
      value: 'client.example',
      fits: [{ san: { dns: ['other.example', 'Client.Example'] } }],
      others: [
        { subject: [['CN', 'client.example']] },
        { san: { dns: ['*.example', 'x.client.example', 'client.example.evil.example'] } },
        { san: { uri: ['client.example'], email: ['client.example'] } },
        // CVE-2021-44532: a text that prints like two names.
        { san: { dns: ['evil.example, DNS:client.example'] } },
        { san: { uri: ['http://evil.example/, DNS:client.example'] } },
        { san: { dns: ['client.example\0.evil.example'] } },
      ],
    },
    {
      property: 'tls_client_auth_san_uri',
      value: 'spiffe://example/Client',
      fits: [{ san: { uri: ['spiffe://example/Client'] } }],
      others: [
        { san: { uri: ['spiffe://example/client'] } },
        { san: { dns: ['spiffe://example/Client'] } },
      ],
    },
    {
      property: 'tls_client_auth_san_ip',
      value: '192.0.2.7',
      fits: [{ san: { ip: ['192.0.2.7'] } }],
      others: [
        { san: { ip: ['192.0.2.8'] } },
        { san: { ip: ['0:0:0:0:0:ffff:c000:207'] } },
        { san: { dns: ['192.0.2.7'] } },
      ],
    },
    {
      property: 'tls_client_auth_san_ip',
      value: '2001:DB8::7',
      fits: [{ san: { ip: ['2001:db8:0:0:0:0:0:7'] } }],
      others: [{ san: { ip: ['2001:db8:0:0:0:0:0:8'] } }],
    },
    {
      property: 'tls_client_auth_san_email',
      value: 'Client@example.com',
      fits: [{ san: { email: ['Client@EXAMPLE.com'] } }],
      others: [
        { san: { email: ['client@example.com'] } },
        { subject: [['emailAddress', 'Client@example.com']] },
      ],
    },
  ];
  test.each(rows)('$property: $value', async ({ property, value, fits, others }) => {
    const client = await op.createClient({
      token_endpoint_auth_method: 'tls_client_auth',
      [property]: value,
    });
    for (const [expected, list] of [
      ['accepted', fits],
      ['refused', others],
    ] as const) {
      for (const options of list) {
        const verdict = await ask(op, client, shownBy(issue(options, authority)));
        expect([options, verdict]).toEqual([options, expected]);
      }
    }
  });

  test.each([
    ['tls_client_auth_subject_dn', 'C = DE; CN = client'],
    ['tls_client_auth_subject_dn', 'CN="client",C=DE'],
    ['tls_client_auth_subject_dn', 'client'],
    ['tls_client_auth_subject_dn', 'CN=a,Unheard=b'],
    ['tls_client_auth_subject_dn', 'CN=#zz'],
    ['tls_client_auth_subject_dn', 'CN=a,'],
    ['tls_client_auth_san_ip', '192.0.2.256'],
  ])('a %s that nothing could fit is refused: %s', async (property, value) => {
    const body = {
      redirect_uris: ['https://rp.example/callback'],
      token_endpoint_auth_method: 'tls_client_auth',
      [property]: value,
    };
    const answer = await op.admin('/clients', { method: 'POST', body });
    expect(answer.status).toBe(422);
    expect(answer.body.errors).toMatchObject([{ pointer: `/${property}` }]);
  });
});

describe('a certificate is refused', () => {
  let client: TestClient;
  let own: TestClient;
  beforeAll(async () => {
    client = await createClientWith(op, 'tls_client_auth');
    own = await createClientWith(byOwnCheck, 'tls_client_auth');
  });

  const subject = [
    ['C', 'DE'],
    ['O', 'Example'],
    ['CN', 'client'],
  ] as const;
  const issued = (options: CertificateOptions = {}, by: Issued | undefined = authority) =>
    issue({ subject, uses: [CLIENT_AUTH], ...options }, by);

  test.each(['FAILED:unable to verify', 'NONE', 'success', 'SUCCESS, SUCCESS', ''])(
    'when the proxy says of it %j',
    async (verdict) => {
      expect(await ask(op, client, shownBy(certified, verdict))).toBe('refused');
    },
  );

  test('when the proxy says nothing of it', async () => {
    expect(await ask(op, client, { 'x-client-cert': certified.escaped })).toBe('refused');
  });

  const wrong: [why: string, make: () => Issued][] = [
    ['its time has ended', () => issued({ days: [-30, -1] })],
    ['its time has not begun', () => issued({ days: [1, 30] })],
    ['another authority issued it', () => issued({}, createAuthority())],
    ['it issued itself', () => issue({ subject, uses: [CLIENT_AUTH] })],
    ['a client’s certificate issued it', () => issued({}, certified)],
    ['it is for servers', () => issued({ uses: [SERVER_AUTH] })],
    ['it has a critical extension that nobody knows', () => issued({ unknownCritical: true })],
    ['its authority may only issue other names', () => issued({}, constrained)],
    ['its authority’s time has ended', () => issued({}, lapsed)],
  ];
  test.each(wrong)('when %s, whatever the proxy says', async (_, make) => {
    expect(await ask(byOwnCheck, own, shownBy(issued(), 'NONE'))).toBe('accepted');
    expect(await ask(byOwnCheck, own, shownBy(make()))).toBe('refused');
  });

  test('when a self-signed one is not the registered one, or out of its time', async () => {
    const [registered, over] = [issue(), issue({ days: [-30, -1] })];
    const bySelf = await createClientWith(op, 'self_signed_tls_client_auth', {
      jwks: { keys: [registered.jwk, over.jwk] },
    });
    expect(await ask(op, bySelf, shownBy(registered, 'FAILED:self-signed'))).toBe('accepted');
    for (const other of [over, selfSigned, certified])
      expect(await ask(op, bySelf, shownBy(other))).toBe('refused');
  });

  test('at registration when no key comes with it, or with another one’s', async () => {
    const [one, other] = [issue(), issue()];
    const { x5c: _, ...bare } = one.jwk;
    for (const [key, pointer] of [
      [bare, '/jwks/keys'],
      [{ ...one.jwk, x5c: other.jwk.x5c }, '/jwks/keys/0/x5c'],
      [{ ...one.jwk, x5c: ['AAAA'] }, '/jwks/keys/0/x5c'],
    ] as const) {
      const body = {
        redirect_uris: ['https://rp.example/callback'],
        token_endpoint_auth_method: 'self_signed_tls_client_auth',
        jwks: { keys: [key] },
      };
      const answer = await op.admin('/clients', { method: 'POST', body });
      expect(answer).toMatchObject({
        status: 422,
        body: { errors: [{ pointer, rule: 'authentication-method' }] },
      });
    }
  });
});

/** A request with its header lines as they are given, from an address of loopback. */
const sendLines = (
  at: Op,
  fields: Fields,
  headers: http.OutgoingHttpHeaders,
  localAddress = '127.0.0.1',
): Promise<{ status: number; error: string }> =>
  new Promise((resolve, reject) => {
    const { port } = new URL(at.issuer);
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    http
      .request(
        { host: '127.0.0.1', port, localAddress, method: 'POST', path: '/token', agent: false },
        (response) => {
          let text = '';
          response.on('data', (chunk) => {
            text += chunk;
          });
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, error: JSON.parse(text).error }),
          );
        },
      )
      .on('error', reject)
      .setHeaders(new Map(Object.entries({ ...type, ...headers }) as [string, string][]))
      .end(String(formOf(fields)));
  });

describe('headers', () => {
  const unauthenticated = { status: 401, error: 'invalid_client' };
  const authenticated = { status: 400, error: 'invalid_grant' };
  const fieldsOf = ({ client_id }: TestClient): Fields => ({ ...token.fields, client_id });

  test('are believed of the proxy that is named and of nobody else', async () => {
    const client = await createClientWith(farProxy, 'tls_client_auth');
    const headers = shownBy(certified);
    const from = (address: string, more = {}) =>
      sendLines(farProxy, fieldsOf(client), { ...headers, ...more }, address);
    expect(await from('127.0.0.2')).toEqual(authenticated);
    expect(await from('127.0.0.1')).toEqual(unauthenticated);
    for (const name of ['x-forwarded-for', 'x-real-ip', 'forwarded'])
      expect(await from('127.0.0.1', { [name]: '127.0.0.2' })).toEqual(unauthenticated);
    // Neither a double nor rubbish of a stranger is looked at.
    expect(await from('127.0.0.1', { 'x-client-cert': ['a', 'b'] })).toEqual(unauthenticated);
  });

  test.each([
    ['the certificate twice', { 'X-Client-Cert': [certified.escaped, certified.escaped] }],
    ['a stranger’s before it', { 'X-Client-Cert': [selfSigned.escaped, certified.escaped] }],
    ['the verdict twice', { 'X-Client-Verify': ['SUCCESS', 'FAILED'] }],
    ['two certificates in one', { 'X-Client-Cert': selfSigned.escaped + certified.escaped }],
    ['two joined by a comma', { 'X-Client-Cert': `${selfSigned.escaped}, ${certified.escaped}` }],
    ['no certificate', { 'X-Client-Cert': 'CN=client' }],
    ['a certificate cut off', { 'X-Client-Cert': certified.escaped.slice(0, 300) }],
    ['escapes that are none', { 'X-Client-Cert': '%zz' }],
  ])('with %s refuse the request', async (_, lines: http.OutgoingHttpHeaders) => {
    const client = await createClientWith(op, 'tls_client_auth');
    const upper = {
      'X-Client-Cert': certified.escaped,
      'X-Client-Verify': 'SUCCESS',
      ...lines,
    };
    const refused = { status: 400, error: 'invalid_request' };
    expect(await sendLines(op, fieldsOf(client), upper)).toEqual(refused);
    expect(op.logs.at(-1)?.msg).toMatch(/^client certificate refused: x-client-/);
  });

  test('with underscores are other headers, and gone', async () => {
    const client = await createClientWith(op, 'tls_client_auth');
    const underscored = { x_client_cert: certified.escaped, x_client_verify: 'SUCCESS' };
    expect(await sendLines(op, fieldsOf(client), underscored)).toEqual(unauthenticated);
    const mixed = { 'x-client_cert': certified.escaped, 'x-client-verify': 'SUCCESS' };
    expect(await sendLines(op, fieldsOf(client), mixed)).toEqual(unauthenticated);
    const beside = { ...shownBy(certified, 'NONE'), x_client_verify: 'SUCCESS' };
    expect(await sendLines(op, fieldsOf(client), beside)).toEqual(unauthenticated);
    const under = { ...shownBy(certified), x_client_cert: selfSigned.escaped };
    expect(await sendLines(op, fieldsOf(client), under)).toEqual(authenticated);
  });
});

describe('with certificates off', () => {
  let off: Op;
  beforeAll(async () => {
    off = await startOp();
  });
  afterAll(() => off?.close());

  test('no client is registered to use them', async () => {
    for (const more of [
      { token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_san_dns: 'a.example' },
      { tls_client_certificate_bound_access_tokens: true },
    ]) {
      const body = { redirect_uris: ['https://rp.example/callback'], ...more };
      const answer = await off.admin('/clients', { method: 'POST', body });
      expect(answer).toMatchObject({ status: 422, body: { errors: [{ rule: 'server-offers' }] } });
    }
  });

  test('the header changes nothing, whatever it holds', async () => {
    const client = await off.createClient({ type: 'native' });
    const bad = { 'x-client-cert': ['%zz', certified.escaped], 'x-client-verify': 'SUCCESS' };
    const fields = { ...token.fields, client_id: client.client_id };
    expect(await sendLines(off, fields, bad)).toEqual({ status: 400, error: 'invalid_grant' });
    const { body } = await off.get('/.well-known/openid-configuration');
    expect(JSON.stringify(body)).not.toMatch(/tls_client|mtls/);
  });
});
