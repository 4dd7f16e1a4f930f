import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, test } from '@jest/globals';
import Koa from 'koa';
import { byPath } from '../src/lib/by-path.ts';
import { pageHeaders, securityHeaders, setPageHeaders } from '../src/web/security-headers.ts';

const issuer = 'https://op.example';
const policy = (logo?: string) => pageHeaders({ issuer, logo })['Content-Security-Policy'];

const app = new Koa();
app.use(byPath(securityHeaders({ issuer })));
app.use((ctx) => {
  if (ctx.path === '/logo') setPageHeaders(ctx, { issuer, logo: 'https://cdn.example/l.png' });
  if (ctx.path === '/framed') ctx.remove('X-Frame-Options');
  ctx.body = ctx.path === '/json' ? { a: 1 } : '<p>page</p>';
});
const server = app.listen(0, '127.0.0.1');
await once(server, 'listening');
const get = (path: string) =>
  fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe('the security headers', () => {
  test('allow a style sheet and images of one’s own, and nothing else', () => {
    expect(policy()).toBe(
      "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; script-src",
    );
  });

  test('add the origin of the client’s logo', () => {
    expect(policy('https://cdn.example:8443/a/b.png?x')).toContain(
      "img-src 'self' https://cdn.example:8443;",
    );
  });

  test('add the origins of frames, each once, and the script that leads on', () => {
    const framed = (...frames: string[]) =>
      pageHeaders({ issuer, frames })['Content-Security-Policy'];
    expect(framed('https://a.example/x?y', 'https://a.example/z', 'http://localhost:1/')).toBe(
      "default-src 'none'; style-src 'self'; img-src 'self'; frame-src https://a.example http://localhost:1; base-uri 'none'; frame-ancestors 'none'; script-src 'self'",
    );
    for (const frame of ['https://x;script-src/', 'https://*/', 'javascript:alert(1)']) {
      expect(framed(frame)).not.toContain('frame-src');
    }
  });

  test.each([
    'https://x;script-src/',
    'https://x,script-src/',
    'https://*/l.png',
    'https://*.example/l.png',
    'https://[::1]/l.png',
    "https://'unsafe-inline'/",
    'javascript:alert(1)',
    'data:image/png;base64,AA',
    'https://a@b.example/l.png',
    'https://cdn.example/\r\nX: 1',
    '//cdn.example/l.png',
  ])('are not written by a logo at %j', (logo) => {
    expect(policy(logo)).toBe(policy());
  });

  test('demand https of an issuer that has it, and of no other', () => {
    const name = 'Strict-Transport-Security';
    expect(pageHeaders({ issuer })[name]).toBe('max-age=31536000');
    expect(pageHeaders({ issuer: 'http://localhost:3000' })).not.toHaveProperty(name);
  });

  test('cut the tie to the opener only where no relying party waits for an answer', () => {
    const name = 'Cross-Origin-Opener-Policy';
    expect(pageHeaders({ issuer })[name]).toBe('unsafe-none');
    expect(pageHeaders({ issuer, standalone: true })[name]).toBe('same-origin');
  });

  test('are on every response, and a page is never stored', async () => {
    const page = await get('/');
    expect(page.headers.get('x-frame-options')).toBe('DENY');
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    expect(page.headers.get('content-security-policy')).toBe(policy());
    expect(page.headers.get('cache-control')).toBe('no-store');
    const json = await get('/json');
    expect(json.headers.get('x-content-type-options')).toBe('nosniff');
    expect(json.headers.get('cache-control')).toBeNull();
  });

  test('can be amended by what comes after', async () => {
    const page = await get('/logo');
    expect(page.headers.get('content-security-policy')).toContain('https://cdn.example;');
    expect((await get('/framed')).headers.get('x-frame-options')).toBeNull();
  });
});
