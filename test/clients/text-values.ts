/** Texts, links, addresses and certificate names: what each property of such a kind takes and refuses. */
import type { ClientProperty } from '../../src/clients/metadata.ts';
import { native, publicClient, within } from './contexts.ts';
import { generate, schemaOf, withInvisibles } from './generated-values.ts';
import { fragments, hostileLinks, hostileRedirects, localLinks } from './hostile-values.ts';
import { type Case, refuse, refuseBy, refuseMembers, type Sample } from './value.ts';

/** Any letters. */
export const letters: Sample = (length) => 'x'.repeat(length);
/** A text that begins so. */
export const padded =
  (start: string): Sample =>
  (length) =>
    start.padEnd(length, 'x');

/** A line of text that people see. */
export const text = (name: ClientProperty): Case[] => [
  ...generate(name, letters),
  { value: '<script>alert(1)</script> "&\' {{ 7*7 }} #{7*7} %0d%0a' },
  { value: ' Ünïcode 名前 שם اسم ❤️ 🚀 ' },
  ...withInvisibles('An', 'app'),
];

/** @param refused by this property, of the links that others take */
export const link = (name: ClientProperty, refused: readonly string[] = []): Case[] => {
  const plain = [
    'https://rp.example/here?a=b&c=%20',
    'https://rp.example:8443/',
    'https://xn--bcher-kva.example/',
  ];
  const taken = [...plain, ...localLinks, ...fragments].filter((one) => !refused.includes(one));
  return [
    ...generate(name, padded('https://rp.example/')),
    ...taken.map((value) => ({ value })),
    ...refuse(...hostileLinks, ...refused),
    ...withInvisibles('https://rp.example/', 'here'),
  ];
};

/** Addresses that people are sent to. */
export const addresses = (name: 'redirect_uris' | 'post_logout_redirect_uris'): Case[] => {
  const longest = schemaOf(name).items?.maxLength ?? 0;
  const rule = 'redirect-uris';
  const at = { pointer: `/${name}/0` };
  const local = ['http://localhost/callback', 'http://127.0.0.1:8080/', 'http://[::1]/callback'];
  const unlike = (value: string) => !/^(com\.example\.app:|\s*$)/.test(value);
  return [
    ...generate(name, (index) => `https://rp.example/${index}`.padEnd(longest, 'x')),
    { value: [padded('https://rp.example/')(longest)], what: `${longest} characters` },
    ...refuseMembers(name, [padded('https://rp.example/')(longest + 1)]),
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

/** A property of a certificate, which means something with one method alone. */
export const certificate = (name: ClientProperty, sample: Sample): Case[] =>
  within({ token_endpoint_auth_method: 'tls_client_auth' }, [
    ...generate(name, sample),
    ...withInvisibles('CN=a', 'b'),
    ...refuseBy('authentication-method', [sample(40)], {
      context: publicClient,
    }),
    ...refuseBy('authentication-method', [sample(41)], {
      context: { token_endpoint_auth_method: 'client_secret_basic' },
    }),
  ]);
