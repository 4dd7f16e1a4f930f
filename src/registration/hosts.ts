import { createRequire } from 'node:module';
import { lazy } from '../lib/lazy.ts';

// With its list of public suffixes: loaded when a host is judged first, which is never on most servers.
const require = createRequire(import.meta.url);
const suffixes = lazy((): typeof import('tldts') => require('tldts'));

/** With the private part of the Public Suffix List: two tenants of github.io are two domains. */
const options = { allowPrivateDomains: true } as const;

/** A host name as URLs have it: lower case, punycode; undefined for what is no host. */
export function canonicalHost(value: string): string | undefined {
  const url = URL.parse(`https://${value}/`);
  const bare = url && url.href === `https://${url.hostname}/` && url.hostname;
  return bare && !bare.endsWith('.') ? bare : undefined;
}

/** The domain that somebody registered, of which a host is one; undefined for addresses and suffixes. */
export const registrableDomain = (host: string): string | undefined =>
  canonicalHost(host) === undefined
    ? undefined
    : (suffixes().getDomain(host, options) ?? undefined);

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

export type Place = { loopback: true } | { loopback: false; host: string };

/**
 * Where an address leads. A private-use scheme belongs to whoever has the domain that it is the
 * reverse of (RFC 8252, section 7.1). Undefined for what is no address; other rules say so.
 */
export function placeOf(uri: string): Place | undefined {
  const url = URL.parse(uri);
  if (!url) return undefined;
  if (url.protocol === 'https:' || url.protocol === 'http:') {
    const loopback = LOOPBACK.has(url.hostname) || url.hostname.endsWith('.localhost');
    return loopback ? { loopback } : { loopback, host: url.hostname };
  }
  return { loopback: false, host: url.protocol.slice(0, -1).split('.').reverse().join('.') };
}

export interface AllowedPlaces {
  redirect_domains?: readonly string[] | undefined;
  redirect_hosts?: readonly string[] | undefined;
}

/** Whether a host is one of these. A domain is compared as a whole, never as the end of a text. */
export function isAllowedHost(host: string, { redirect_domains, redirect_hosts }: AllowedPlaces) {
  if (redirect_domains === undefined && redirect_hosts === undefined) return true;
  if (redirect_hosts?.includes(host)) return true;
  const owner = registrableDomain(host);
  return owner !== undefined && (redirect_domains ?? []).includes(owner);
}
