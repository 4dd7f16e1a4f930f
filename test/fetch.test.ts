import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcp, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { fetchOptions } from '../src/config/fetch.ts';
import { loadConfig } from '../src/config/load.ts';
import { isLoopbackHost, isPublicAddress, isPublicHost } from '../src/lib/addresses.ts';
import { createFetch, type FetchOptions, type Resolve } from '../src/lib/fetch.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

interface Listening {
  url: string;
  port: number;
  /** Connections taken so far. */
  connections: number;
  server: Server;
}

/** A server on loopback. */
async function serve(listener: RequestListener): Promise<Listening> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const listening = { url: `http://127.0.0.1:${port}/`, port, connections: 0, server };
  server.on('connection', () => {
    listening.connections += 1;
  });
  closing.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return listening;
}

/** A server that says the given bytes, whatever it is asked. */
async function say(bytes: string): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createTcp((socket) => {
    sockets.add(socket.on('error', () => {}));
    socket.end(bytes, 'latin1');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const options = (over: Partial<FetchOptions> = {}): FetchOptions => ({
  loopback: true,
  timeout_ms: 2000,
  max_bytes: 1000,
  ...over,
});
const guarded = (over: Partial<FetchOptions> = {}, resolve?: Resolve) =>
  createFetch(options(over), resolve);

/** Why it was refused. @throws when it was not */
async function refusal(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (thrown) => thrown,
  );
  expect(error).toMatchObject({ name: 'FetchError', host: expect.any(String) });
  expect(error.message).toContain(error.host);
  return error.code;
}

const to = (...addresses: string[]): Resolve => {
  const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  return async () => found;
};

describe('an answer', () => {
  test('is a Response', async () => {
    const { url } = await serve((request, response) => {
      response.setHeader('Set-Cookie', ['a=1', 'b=2']);
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify({ path: request.url, method: request.method }));
    });
    const response = await guarded()(`${url}jwks?x=1`);
    expect([response.status, response.ok]).toEqual([200, true]);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(await response.json()).toEqual({ path: '/jwks?x=1', method: 'GET' });
  });

  test('is to what was sent: method, headers and body, on a connection of its own', async () => {
    const { url } = await serve(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      response.end(JSON.stringify({ method: request.method, headers: request.headers, body }));
    });
    const response = await guarded()(url, {
      method: 'POST',
      headers: { 'user-agent': '', authorization: 'Bearer x', host: 'inner.example' },
      body: new URLSearchParams({ logout_token: 'ä' }),
    });
    expect(await response.json()).toEqual({
      method: 'POST',
      body: 'logout_token=%C3%A4',
      headers: {
        host: new URL(url).host,
        connection: 'close',
        authorization: 'Bearer x',
        'user-agent': '',
        'accept-encoding': 'identity',
        'content-type': 'application/x-www-form-urlencoded;charset=UTF-8',
        'content-length': '19',
      },
    });
  });

  test.each([204, 304, 404, 500])('may have the status %i', async (status) => {
    const { url } = await serve((_, response) => void response.writeHead(status).end());
    const response = await guarded()(url);
    expect([response.status, await response.text()]).toEqual([status, '']);
  });

  test.each([301, 302, 303, 307, 308])(
    'that redirects (%i) is not followed, whatever is asked for',
    async (status) => {
      const target = await serve((_, response) => void response.end('inside'));
      const { url } = await serve((_, response) => {
        response.writeHead(status, { Location: target.url }).end();
      });
      for (const redirect of ['manual', 'follow', 'error'] as const) {
        const response = await guarded()(url, { redirect });
        expect([response.status, response.headers.get('location')]).toEqual([status, target.url]);
      }
      expect(target.connections).toBe(0);
    },
  );

  test('does not go through a proxy of the environment', async () => {
    const proxy = await serve((_, response) => void response.end('from the proxy'));
    const { url } = await serve((_, response) => void response.end('itself'));
    const variables = {
      http_proxy: proxy.url,
      HTTP_PROXY: proxy.url,
      ALL_PROXY: proxy.url,
      NODE_USE_ENV_PROXY: '1',
    };
    Object.assign(process.env, variables);
    try {
      expect(await (await guarded()(url)).text()).toBe('itself');
    } finally {
      for (const name of Object.keys(variables)) delete process.env[name];
    }
    expect(proxy.connections).toBe(0);
  });

  test('that is read no further frees the connection', async () => {
    const { url, server } = await serve((_, response) => {
      response.write('x');
    });
    const closed = new Promise((resolve) =>
      server.on('connection', (socket) => socket.on('close', resolve)),
    );
    const response = await guarded({ timeout_ms: 60_000 })(url);
    await response.body?.cancel();
    await closed;
  });
});

describe('an answer is refused', () => {
  test('when it says that it is too long', async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(200, { 'Content-Length': 1001 }).end('x'.repeat(1001));
    });
    expect(await refusal(guarded()(url))).toBe('too_large');
  });

  test('when it does not end, after what may be read', async () => {
    let sent = 0;
    const { url } = await serve((_, response) => {
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(500))) sent += 500;
      };
      response.on('drain', more);
      more();
    });
    const response = await guarded({ max_bytes: 10_000 })(url);
    expect(response.status).toBe(200);
    expect(await refusal(response.text())).toBe('too_large');
    expect(sent).toBeLessThan(10_000_000);
  });

  test('when it is exactly as long as may be, it is not', async () => {
    const { url } = await serve((_, response) => {
      response.write('x'.repeat(400));
      response.end('x'.repeat(600));
    });
    expect(await (await guarded()(url)).text()).toHaveLength(1000);
  });

  test('when its body comes a byte at a time', async () => {
    const { url } = await serve((_, response) => {
      const timer = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(timer));
    });
    const begun = Date.now();
    const response = await guarded({ timeout_ms: 300 })(url);
    expect(await refusal(response.text())).toBe('timeout');
    expect(Date.now() - begun).toBeLessThan(1000);
  });

  test('when it does not begin', async () => {
    const { url } = await serve(() => {});
    expect(await refusal(guarded({ timeout_ms: 200 })(url))).toBe('timeout');
  });

  test('when the name is not resolved in time', async () => {
    const never: Resolve = () => new Promise(() => {});
    const work = guarded({ timeout_ms: 100 }, never)('https://slow.example/');
    expect(await refusal(work)).toBe('timeout');
  });

  test('when the caller’s own signal says so', async () => {
    const { url } = await serve(() => {});
    expect(await refusal(guarded()(url, { signal: AbortSignal.timeout(50) }))).toBe('timeout');
    const controller = new AbortController();
    const work = guarded()(url, { signal: controller.signal });
    controller.abort();
    expect(await refusal(work)).toBe('aborted');
  });

  test.each([
    ['a huge header', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 'too_large'],
    [
      'many headers',
      `HTTP/1.1 200 OK\r\n${`X: ${'y'.repeat(10)}\r\n`.repeat(2_000)}Content-Length: 0\r\n\r\n`,
      'too_large',
    ],
    ['something else than HTTP', 'SSH-2.0-OpenSSH_9.6\r\n', 'malformed'],
    ['nothing', '', 'unreachable'],
    ['a status that is none', 'HTTP/1.1 799 What\r\nContent-Length: 0\r\n\r\n', 'malformed'],
    [
      'another protocol',
      'HTTP/1.1 101 Go\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
      'malformed',
    ],
    [
      'an encoding that was not asked for',
      'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx',
      'encoding',
    ],
  ])('when it is %s', async (_, bytes, code) => {
    expect(await refusal(guarded()(await say(bytes)))).toBe(code);
  });

  test('when it breaks off', async () => {
    const url = await say('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf');
    const response = await guarded()(url);
    expect(await refusal(response.text())).toBe('unreachable');
  });

  test('when nobody listens', async () => {
    const { url, server } = await serve(() => {});
    await new Promise((resolve) => server.close(resolve));
    expect(await refusal(guarded()(url))).toBe('unreachable');
  });

  test('when https is spoken to what does not', async () => {
    const { port } = await serve(() => {});
    expect(await refusal(guarded()(`https://127.0.0.1:${port}/`))).toBe('certificate');
  });
});

const inner = [
  '127.0.0.1',
  '127.255.255.254',
  '0.0.0.0',
  '10.0.0.1',
  '100.64.0.1',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.170',
  '192.0.2.1',
  '192.168.1.1',
  '198.18.0.1',
  '198.51.100.1',
  '203.0.113.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '0:0:0:0:0:ffff:10.0.0.1',
  '::127.0.0.1',
  '::ffff:0:127.0.0.1',
  '64:ff9b::7f00:1',
  '64:ff9b::10.0.0.1',
  '64:ff9b:1::1',
  '100::1',
  '2001::1',
  '2001:2::1',
  '2001:db8::1',
  '2002:7f00:1::',
  '2002:808:808::1',
  '3fff::1',
  '5f00::1',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'ff02::1',
  '4000::1',
];
const outer = [
  '1.1.1.1',
  '8.8.8.8',
  '100.128.0.1',
  '172.32.0.1',
  '192.0.1.1',
  '198.20.0.1',
  '223.255.255.255',
  '2606:4700:4700::1111',
  '2A00:1450:4001:80B::200E',
  '::ffff:8.8.8.8',
  '64:ff9b::8.8.8.8',
];

describe('an address', () => {
  test.each(inner)('%s is not public', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
  test.each(outer)('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });
  test.each(['', 'localhost', '127.1', '256.1.1.1', '1.1.1.1 ', '::g', '[::1]'])(
    '%j is none, and so not public',
    (text) => expect(isPublicAddress(text)).toBe(false),
  );

  test.each(inner)('%s is reached by no name', async (address) => {
    const closed = guarded({ loopback: false }, to(address));
    expect(await refusal(closed('https://rp.example/jwks'))).toBe('forbidden_address');
    const mixed = guarded({ loopback: false }, to('93.184.215.14', address));
    expect(await refusal(mixed('https://rp.example/jwks'))).toBe('forbidden_address');
  });
});

describe('a URL', () => {
  test.each([
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0x7f.1/',
    'https://0177.0.0.1/',
    'https://127.1/',
    'https://127.0.0.1./',
    'https://①②⑦.0.0.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:7f00:1]/',
    'https://[0:0:0:0:0:0:0:1]/',
    'https://[64:ff9b::a00:1]/',
    'https://10.1.2.3/',
    'https://169.254.169.254/latest/meta-data/',
    'https://0/',
  ])('%s is refused, as registered and when it is fetched', async (url) => {
    expect(isPublicHost(new URL(url).hostname)).toBe(false);
    const closed = guarded({ loopback: false }, () => {
      throw new Error('an address is not asked for');
    });
    expect(await refusal(closed(url))).toBe('forbidden_address');
  });

  test.each([
    'http://rp.example/',
    'http://127.0.0.1/',
    'https://user@rp.example/',
    'https://user:password@rp.example/',
    'https://:password@rp.example/',
    'ftp://rp.example/',
    'file:///etc/passwd',
    'data:text/plain,x',
    'javascript:alert(1)',
    'blob:https://rp.example/x',
    'rp.example',
    '//rp.example/',
    '',
    'https://',
    'https://[::1/',
  ])('%j is refused as one', async (url) => {
    expect(await refusal(guarded({ loopback: false }, to('1.1.1.1'))(url))).toBe('url');
  });

  test('of a name without an address is refused', async () => {
    const missing = () => Promise.reject(Object.assign(new Error(), { code: 'ENOTFOUND' }));
    expect(await refusal(guarded({}, missing)('https://rp.example/'))).toBe('unresolved');
    expect(await refusal(guarded({}, to())('https://rp.example/'))).toBe('unresolved');
  });

  test('the refusal names the host and nothing that was found there', async () => {
    const error = await guarded(
      { loopback: false },
      to('10.11.12.13'),
    )('https://rp.example:8443/secret/path?token=x').catch((thrown) => thrown);
    expect(error.message).toBe('rp.example does not lead to the public internet');
  });
});

describe('loopback', () => {
  test('is reached by a name where it is allowed, at the addresses that were checked', async () => {
    const { port } = await serve((request, response) => void response.end(request.headers.host));
    let asked = 0;
    const rebinding: Resolve = async () => {
      asked += 1;
      return [{ address: asked === 1 ? '127.0.0.1' : '10.0.0.1', family: 4 }];
    };
    const response = await guarded({}, rebinding)(`http://dev.example:${port}/`);
    expect([await response.text(), asked]).toEqual([`dev.example:${port}`, 1]);
  });

  test('is not reached, not even connected to, where it is not', async () => {
    const target = await serve((_, response) => void response.end('inside'));
    const closed = guarded({ loopback: false }, to('127.0.0.1'));
    expect(await refusal(closed(`https://dev.example:${target.port}/`))).toBe('forbidden_address');
    expect(await refusal(closed(target.url))).toBe('url');
    expect(target.connections).toBe(0);
  });

  test('is all that http reaches', async () => {
    for (const address of ['8.8.8.8', '10.0.0.1', '169.254.169.254', '2606:4700::1']) {
      const open = guarded({}, to(address));
      expect(await refusal(open('http://dev.example/'))).toBe('forbidden_address');
      expect(await refusal(guarded({}, to('127.0.0.1', address))('http://dev.example/'))).toBe(
        'forbidden_address',
      );
    }
  });

  test('opens nothing else: other inner addresses stay closed', async () => {
    for (const address of ['10.0.0.1', '0.0.0.0', '::', '169.254.169.254', '::ffff:10.0.0.1'])
      expect(await refusal(guarded({}, to(address))('https://dev.example/'))).toBe(
        'forbidden_address',
      );
  });

  test.each([
    ['http://localhost:3000', undefined, true],
    ['http://127.0.0.1:3000', undefined, true],
    ['http://[::1]:3000', undefined, true],
    ['https://op.example', undefined, false],
    ['https://localhost.example', undefined, false],
    ['https://op.example', true, true],
    ['http://localhost:3000', false, false],
  ])('of the issuer %s and the switch %s is %s', async (issuer, allow_loopback, expected) => {
    const file = JSON.stringify({ issuer, fetch: { allow_loopback } });
    const config = await loadConfig({ CONFIG_FILE: 'op.yaml' }, () => file);
    expect(fetchOptions(config)).toEqual({
      loopback: expected,
      timeout_ms: 5000,
      max_bytes: 262_144,
    });
  });
});

describe('a host, as it is registered', () => {
  test.each([
    'localhost',
    'LOCALHOST',
    'localhost.',
    'op.localhost',
    'printer.local',
    'db.internal',
    'nas.home.arpa',
    '',
    ...inner.filter((address) => !address.includes('%')),
  ])('%j is not public', (host) => {
    expect(isPublicHost(host.includes(':') ? `[${host}]` : host)).toBe(false);
  });
  test.each(['rp.example', 'local.example', 'localhost.example', 'mylocal', ...outer])(
    '%j may be',
    (host) => expect(isPublicHost(host.includes(':') ? `[${host}]` : host)).toBe(true),
  );
  test.each(['localhost', 'a.localhost.', '127.9.9.9', '[::1]', '[::ffff:127.0.0.1]'])(
    '%s is this machine',
    (host) => expect(isLoopbackHost(host)).toBe(true),
  );
  test.each(['localhost.example', '10.0.0.1', '[::2]', 'rp.example', '[::ffff:10.0.0.1]'])(
    '%s is not this machine',
    (host) => expect(isLoopbackHost(host)).toBe(false),
  );
});
