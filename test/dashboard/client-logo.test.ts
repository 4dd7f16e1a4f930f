import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { describeWithBrowser, launchBrowser } from '../support/browser.ts';
import { type Op, startOp } from '../support/op.ts';
import { signedIn } from './support.ts';

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');
/** The beginning of a PNG of this size (W3C PNG, 5.2 and 11.2.1). */
const png = (width: number, height: number) => {
  const size = Buffer.alloc(8);
  size.writeUInt32BE(width, 0);
  size.writeUInt32BE(height, 4);
  return Buffer.concat([bytes('89504e470d0a1a0a 0000000d 49484452'), size, Buffer.alloc(9)]);
};
const jpeg = bytes(`ffd8 ffe0 0010 ${'00'.repeat(14)} ffc2 0011 08 0010 0020 ${'00'.repeat(20)}`);
const gif = Buffer.concat([Buffer.from('GIF89a'), bytes('2000 1000'), Buffer.alloc(20)]);
const webp = (chunk: string, rest: string) =>
  Buffer.concat([
    Buffer.from('RIFF\0\0\0\0WEBP'),
    Buffer.from(chunk),
    bytes(rest),
    Buffer.alloc(30),
  ]);
/** One pixel, whole. */
const pixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const html = Buffer.from('<!doctype html><script>alert(1)</script>'.padEnd(100));

/** What the host of logos answers, by path. */
const answers: Readonly<Record<string, { status?: number; type?: string; body: Buffer }>> = {
  pixel: { body: pixel },
  png: { type: 'text/html', body: png(64, 64) },
  jpeg: { body: jpeg },
  gif: { body: gif },
  lossy: { body: webp('VP8 ', '00000000 000000 9d012a 2000 1000') },
  lossless: { body: webp('VP8L', '00000000 2f 1fc00300') },
  extended: { body: webp('VP8X', '0a000000 00000000 1f0000 0f0000') },
  svg: {
    type: 'image/png',
    body: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'.padEnd(60)),
  },
  html: { type: 'image/png', body: html },
  tiny: { body: png(64, 64).subarray(0, 20) },
  bomb: { body: png(60_000, 60_000) },
  heavy: { body: Buffer.concat([png(64, 64), Buffer.alloc(262_144)]) },
  gone: { status: 404, body: png(64, 64) },
  moved: { status: 302, body: png(64, 64) },
};

describeWithBrowser('a client’s logo', () => {
  let op: Op;
  let browser: Browser;
  let asked: string[] = [];
  const host = createServer((request, response) => {
    const [name = '', query = ''] = request.url?.slice(1).split('?') ?? [];
    if (query) asked.push(name);
    const { status = 200, type = 'image/png', body } = answers[name] ?? { body: html };
    response.writeHead(status, { 'content-type': type, location: '/png?moved' }).end(body);
  });
  beforeAll(async () => {
    await new Promise<void>((done) => host.listen(0, '127.0.0.1', done));
    [op, browser] = await Promise.all([startOp(), launchBrowser()]);
    const { port } = host.address() as AddressInfo;
    for (const name of Object.keys(answers)) {
      await op.createClient({
        client_id: name,
        client_name: `Logo ${name}`,
        logo_uri: `http://127.0.0.1:${port}/${name}`,
      });
    }
  });
  afterAll(async () => {
    host.close();
    await browser?.close();
    await op?.close();
  });

  test('comes through the server, which tells its kind by its bytes', async () => {
    const { page, close } = await signedIn(op, browser, { role: 'viewer' });
    const kinds = {
      png: 'image/png',
      jpeg: 'image/jpeg',
      gif: 'image/gif',
      lossy: 'image/webp',
      lossless: 'image/webp',
      extended: 'image/webp',
    };
    for (const [name, type] of Object.entries(kinds)) {
      const answer = await page.request.get(`${op.issuer}/dashboard/clients/${name}/logo`);
      expect([name, answer.status(), answer.headers()]).toEqual([
        name,
        200,
        expect.objectContaining({
          'content-type': type,
          'content-security-policy': "sandbox; default-src 'none'",
          'x-content-type-options': 'nosniff',
          'cache-control': 'private, max-age=3600',
        }),
      ]);
      expect((await answer.body()).equals(answers[name]?.body as Buffer)).toBe(true);
    }
    await close();
  });

  for (const name of ['svg', 'html', 'tiny', 'bomb', 'heavy', 'gone', 'moved']) {
    test(`is none when the address has something else (${name})`, async () => {
      const { page, close } = await signedIn(op, browser, { role: 'viewer' });
      asked = [];
      // The pages that one comes by show logos, too: from here on it is another address.
      const { port } = host.address() as AddressInfo;
      const logo_uri = `http://127.0.0.1:${port}/${name}?again`;
      await op.admin(`/clients/${name}`, { method: 'PATCH', body: { logo_uri } });
      const answer = await page.request.get(`${op.issuer}/dashboard/clients/${name}/logo`);
      expect([answer.status(), await answer.text()]).toEqual([404, '']);
      expect(answer.headers()['cache-control']).toBe('private, max-age=300');
      // Nobody waits for it again, nor was a redirect followed.
      expect((await op.admin(`/clients/${name}/logo`)).body.code).toBe('not_found');
      expect(asked).toEqual([name]);
      await close();
    });
  }

  test('is shown in the list, and initials where there is none', async () => {
    const { page, open, close } = await signedIn(op, browser, { look: { javaScript: true } });
    await open('/clients?q=logo');
    await page.waitForLoadState('networkidle');
    const width = `[...document.images].find(({ src }) => src.includes('/pixel/')).naturalWidth`;
    expect(await page.evaluate<number>(width)).toBe(1);
    const initials = await page.evaluate<string>(
      `getComputedStyle([...document.images].find(({ src }) => src.includes('/html/')), '::after').content`,
    );
    expect(initials).toBe('"LH"');
    await close();
  });

  test('is of nobody who is not signed in, and of no client that does not exist', async () => {
    expect((await op.get('/dashboard/clients/pixel/logo')).status).toBe(302);
    const { page, close } = await signedIn(op, browser);
    const answer = await page.request.get(`${op.issuer}/dashboard/clients/none/logo`);
    expect(answer.status()).toBe(404);
    await close();
  });
});
