/** Texts, links, addresses and certificate names: what each property of such a kind takes and refuses. */
import type { ClientProperty } from '../../src/clients/metadata.ts';
import { native, within } from './contexts.ts';
import { generate, schemaOf, withInvisibles } from './generated-values.ts';
import { hostileLinks, hostileRedirects } from './hostile-values.ts';
import { type Case, refuse, refuseBy, type Sample } from './value.ts';

export const letters: Sample = (length) => 'x'.repeat(length);
export const padded =
  (start: string): Sample =>
  (length) =>
    start.padEnd(length, 'x');

export const text = (name: ClientProperty): Case[] => [
  ...generate(name, letters),
  { value: '<script>alert(1)</script> "&\' {{ 7*7 }} #{7*7} %0d%0a' },
  { value: ' Ünïcode 名前 שם اسم ❤️ 🚀 ' },
  ...withInvisibles('An', 'app'),
];

export const link = (name: ClientProperty, address = 'https://rp.example/'): Case[] => [
  ...generate(name, padded(address)),
  ...[
    'https://rp.example/here?a=b&c=%20',
    'https://rp.example:8443/',
    'https://xn--bcher-kva.example/',
  ].map((value) => ({ value })),
  ...['http://localhost:8080/', 'http://127.0.0.1/', 'http://[::1]:1/'].map((value) => ({ value })),
  ...refuse(...hostileLinks),
  ...withInvisibles('https://rp.example/', 'here'),
];

/** OpenID Connect and OAuth forbid a fragment in what a server calls. */
export const called = (name: ClientProperty): Case[] => [
  ...link(name),
  ...refuse('https://rp.example/#here', 'https://rp.example/#'),
];

export const addresses = (name: 'redirect_uris' | 'post_logout_redirect_uris'): Case[] => {
  const longest = schemaOf(name).items?.maxLength ?? 0;
  const rule = 'redirect-uris';
  const at = { pointer: `/${name}/0` };
  const local = ['http://localhost/callback', 'http://127.0.0.1:8080/', 'http://[::1]/callback'];
  const unlike = (value: string) => !/^(com\.example\.app:|\s*$)/.test(value);
  return [
    ...generate(name, (index) => `https://rp.example/${index}`.padEnd(longest, 'x')),
    { value: [padded('https://rp.example/')(longest)], what: `${longest} characters` },
    ...refuse([padded('https://rp.example/')(longest + 1)]),
    ...[
      'https://rp.example/?a=b',
      'https://rp.example:8443/',
      'https://xn--bcher-kva.example/',
      ...local,
    ].map((uri) => ({ value: [uri] })),
    ...refuseBy(
      rule,
      hostileRedirects.map((uri) => [uri]),
      at,
    ),
    ...refuseBy(rule, [['https://rp.example/', 'https://rp.example/']], { pointer: `/${name}/1` }),
    ...within(native, [
      ...[...local, 'https://rp.example/app', 'com.example.app:/callback'].map((uri) => ({
        value: [uri],
      })),
      ...refuseBy(
        rule,
        [
          ...hostileRedirects.filter(unlike),
          'myapp:/callback',
          'com.example.app://rp@evil.example/',
        ].map((uri) => [uri]),
        at,
      ),
    ]),
  ];
};

export const certificate = (name: ClientProperty, sample: Sample): Case[] =>
  within({ token_endpoint_auth_method: 'tls_client_auth' }, [
    ...generate(name, sample),
    ...withInvisibles('CN=a', 'b'),
    ...refuseBy('authentication-method', [sample(40)], {
      context: { token_endpoint_auth_method: 'none', type: 'single-page-application' },
    }),
    ...refuseBy('authentication-method', [sample(41)], {
      context: { token_endpoint_auth_method: 'client_secret_basic' },
    }),
  ]);
