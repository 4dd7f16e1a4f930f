import { isLoopback } from '../values.ts';
import type { Rule } from './rule.ts';

/** Schemes that run or show something instead of leading somewhere. */
const NEVER = new Set(['javascript:', 'data:', 'vbscript:', 'blob:', 'file:', 'about:', 'intent:']);

/** What is wrong with an address, and what to do: the address that it should be when that is certain. */
interface Flaw {
  detail: string;
  fix?: string;
  instead?: string;
}

const HTTPS = 'an https address';

/**
 * What is wrong with one address that people are sent to, or nothing. An address must be what a
 * browser makes of it: if normalising changes it, a comparison by characters and a browser disagree
 * about where it leads.
 */
function flaw(value: string, native: boolean): Flaw | undefined {
  const url = URL.parse(value);
  if (!url) {
    return {
      detail: 'is not an absolute URL',
      fix: `${HTTPS}, such as https://app.example/callback`,
    };
  }
  if (NEVER.has(url.protocol)) {
    return { detail: `must not use the scheme ${url.protocol}`, fix: HTTPS };
  }
  if (value.includes('#'))
    return { detail: 'must not have a fragment', instead: value.split('#', 1)[0] ?? '' };
  if (url.username || url.password) {
    return {
      detail: 'must not have a user or password',
      fix: 'leave out what stands before the @',
    };
  }
  if (/[*\\]/.test(value)) {
    return {
      detail: 'must not have a wildcard or a back-slash',
      fix: 'list each address by itself, with slashes',
    };
  }
  if (value !== url.href) return { detail: 'is not in its normal form', instead: url.href };
  if (/%2e|%2f|%5c|;/i.test(url.pathname)) {
    return {
      detail: 'must not have an encoded dot or slash, or a semicolon, in its path',
      fix: 'another path',
    };
  }
  if (url.protocol === 'https:') return undefined;
  if (url.protocol === 'http:') {
    return isLoopback(url)
      ? undefined
      : { detail: 'must be https outside loopback', instead: value.replace('http:', 'https:') };
  }
  if (!native) {
    return { detail: 'must be https (a private-use scheme is for native clients)', fix: HTTPS };
  }
  // RFC 8252, section 7.1: a reverse domain name, so that two applications do not share one.
  return url.protocol.includes('.')
    ? undefined
    : {
        detail: 'needs a scheme with a dot',
        fix: 'a domain of yours, reversed: com.example.app:/callback',
      };
}

export const redirectUris: Rule = {
  id: 'redirect-uris',
  title: 'Redirect addresses lead to exactly one place',
  reads: ['redirect_uris', 'post_logout_redirect_uris', 'application_type'],
  *check(client) {
    for (const property of ['redirect_uris', 'post_logout_redirect_uris'] as const) {
      const list = client[property];
      const first = (value: string, index: number) => list.indexOf(value) === index;
      for (const [index, value] of list.entries()) {
        const pointer = `/${property}/${index}`;
        const found = flaw(value, client.application_type === 'native');
        if (found) {
          const { detail, fix, instead } = found;
          yield {
            pointer,
            detail,
            ...(fix && { fix }),
            ...(instead && {
              fix: instead,
              patch: {
                [property]: list.with(index, instead).filter((v, i, all) => all.indexOf(v) === i),
              },
            }),
          };
        } else if (!first(value, index)) {
          const patch = { [property]: list.filter(first) };
          yield { pointer, detail: 'is listed twice', fix: 'remove it', patch };
        }
      }
    }
  },
};
