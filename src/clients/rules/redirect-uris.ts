import { type Said, wordings } from '../../lib/wording.ts';
import { isLoopback } from '../values.ts';
import type { Rule } from './rule.ts';

/** Schemes that run or show something instead of leading somewhere. */
const NEVER = new Set(['javascript:', 'data:', 'vbscript:', 'blob:', 'file:', 'about:', 'intent:']);

const says = wordings({
  relative: {
    detail: 'is not an absolute URL',
    fix: 'an https address, such as https://app.example/callback',
  },
  scheme: { detail: 'must not use the scheme {scheme}', fix: 'an https address' },
  fragment: { detail: 'must not have a fragment', fix: '{instead}' },
  user: {
    detail: 'must not have a user or password',
    fix: 'leave out what stands before the @',
  },
  wildcard: {
    detail: 'must not have a wildcard or a back-slash',
    fix: 'list each address by itself, with slashes',
  },
  not_normal: { detail: 'is not in its normal form', fix: '{instead}' },
  encoded: {
    detail: 'must not have an encoded dot or slash, or a semicolon, in its path',
    fix: 'another path',
  },
  plain: { detail: 'must be https outside loopback', fix: '{instead}' },
  private_use: {
    detail: 'must be https (a private-use scheme is for native clients)',
    fix: 'an https address',
  },
  no_domain: {
    detail: 'needs a scheme with a dot',
    fix: 'a domain of yours, reversed: com.example.app:/callback',
  },
  twice: { detail: 'is listed twice', fix: 'remove it' },
});

/** What is wrong with an address; with the address that it should be when that is certain. */
interface Flaw {
  said: Said;
  instead?: string;
}

/**
 * What is wrong with one address that people are sent to, or nothing. An address must be what a
 * browser makes of it: if normalising changes it, a comparison by characters and a browser disagree
 * about where it leads.
 */
function flaw(value: string, native: boolean): Flaw | undefined {
  const url = URL.parse(value);
  if (!url) {
    return { said: says.relative() };
  }
  if (NEVER.has(url.protocol)) {
    return { said: says.scheme({ scheme: url.protocol }) };
  }
  if (value.includes('#')) {
    const [instead = ''] = value.split('#', 1);
    return { said: says.fragment({ instead }), instead };
  }
  if (url.username || url.password) {
    return { said: says.user() };
  }
  if (/[*\\]/.test(value)) {
    return { said: says.wildcard() };
  }
  if (value !== url.href) {
    return { said: says.not_normal({ instead: url.href }), instead: url.href };
  }
  if (/%2e|%2f|%5c|;/i.test(url.pathname)) {
    return { said: says.encoded() };
  }
  if (url.protocol === 'https:') return undefined;
  if (url.protocol === 'http:') {
    const instead = value.replace('http:', 'https:');
    return isLoopback(url) ? undefined : { said: says.plain({ instead }), instead };
  }
  if (!native) {
    return { said: says.private_use() };
  }
  // RFC 8252, section 7.1: a reverse domain name, so that two applications do not share one.
  return url.protocol.includes('.') ? undefined : { said: says.no_domain() };
}

export const redirectUris: Rule = {
  id: 'redirect-uris',
  title: 'Redirect addresses lead to exactly one place',
  says,
  reads: ['redirect_uris', 'post_logout_redirect_uris', 'application_type'],
  *check(client) {
    for (const property of ['redirect_uris', 'post_logout_redirect_uris'] as const) {
      const list = client[property];
      const first = (value: string, index: number) => list.indexOf(value) === index;
      for (const [index, value] of list.entries()) {
        const pointer = `/${property}/${index}`;
        const found = flaw(value, client.application_type === 'native');
        if (found) {
          const { said, instead } = found;
          yield {
            pointer,
            ...said,
            ...(instead && {
              patch: {
                [property]: list.with(index, instead).filter((v, i, all) => all.indexOf(v) === i),
              },
            }),
          };
        } else if (!first(value, index)) {
          const patch = { [property]: list.filter(first) };
          yield { pointer, ...says.twice(), patch };
        }
      }
    }
  },
};
