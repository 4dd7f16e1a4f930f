import { createHash } from 'node:crypto';
import { httpUrl } from './security-headers.ts';

const graphemes = (text: string): string[] =>
  Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment);

/** @param value seconds since the epoch */
function instant(value: unknown): Date | undefined {
  const date = new Date(Number(value) * 1000);
  return value == null || Number.isNaN(date.getTime()) ? undefined : date;
}

/** Loopback and an application's own scheme stay on the device (RFC 8252, 7). */
const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || /^127(\.\d+){3}$/.test(host);

/** What templates shape values with. */
export const filters: Readonly<Record<string, (value: unknown, limit?: number) => unknown>> = {
  /** An absolute http(s) address, or nothing: the only thing that may stand in href or src. */
  link: (value) => httpUrl(value)?.href ?? '',
  /** `host[:port]` of an http(s) address, in ASCII so that look-alikes show, or nothing. */
  host: (value) => httpUrl(value)?.host ?? '',
  /** Where a redirect URI leads: `{ place: 'web' | 'device', name }`, or nothing. */
  destination(value) {
    const url = typeof value === 'string' ? URL.parse(value) : null;
    if (!url) return undefined;
    if (!/^https?:$/.test(url.protocol))
      return { place: 'device', name: url.protocol.slice(0, -1) };
    return { place: isLoopback(url.hostname) ? 'device' : 'web', name: url.host };
  },
  /** At most so many characters as people count them, and an ellipsis. */
  short(value, limit = 80) {
    const signs = graphemes(String(value ?? '').slice(0, limit * 16));
    return signs.length > limit ? `${signs.slice(0, limit - 1).join('')}…` : signs.join('');
  },
  /** Seconds since the epoch as RFC 3339 says them, for programs. */
  iso: (value) => instant(value)?.toISOString() ?? '',
  /** The same for people, in UTC: `2026-11-24 00:15`. */
  day: (value) => instant(value)?.toISOString().slice(0, 16).replace('T', ' ') ?? '',
  /** One or two letters to stand for a name. */
  initials(value) {
    const words = String(value ?? '').match(/[\p{L}\p{N}][\p{L}\p{M}\p{N}]*/gu) ?? [];
    return words
      .slice(0, 2)
      .map((word) => graphemes(word)[0])
      .join('')
      .toLocaleUpperCase('en');
  },
  /** One of six colours, always the same for a name. */
  tint: (value) =>
    createHash('sha256')
      .update(String(value ?? ''))
      .digest()
      .readUInt8() % 6,
};
