import { isIPv4, isIPv6 } from 'node:net';

/** The eight 16-bit groups of an IPv6 address, whichever way it is written; undefined for anything else. */
export function groupsOf(address: string): number[] | undefined {
  const bare = address.split('%', 1)[0] as string;
  if (!isIPv6(bare)) return undefined;
  // The URL parser writes each address one way: lower-case, no dots, the longest run of zeros as "::".
  const canonical = new URL(`http://[${bare}]`).hostname.slice(1, -1);
  const [head = [], tail] = canonical
    .split('::')
    .map((half) => (half ? half.split(':').map((group) => Number.parseInt(group, 16)) : []));
  return tail ? [...head, ...Array(8 - head.length - tail.length).fill(0), ...tail] : head;
}

/** An IPv4 address from the 32 bits at the end of two groups. */
export const dotted = (high: number, low: number): string =>
  [high >> 8, high & 255, low >> 8, low & 255].join('.');

/** The IPv4 address in `::ffff:a.b.c.d` (RFC 4291, section 2.5.5.2). */
export function mappedIPv4(groups: readonly number[]): string | undefined {
  const [high, low] = groups.slice(6) as [number, number];
  const mapped = groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0);
  return mapped ? dotted(high, low) : undefined;
}

/**
 * Who shares an address as far as limits go: an IPv4 address as it is, of IPv6 the first 64 bits,
 * which is the least that one subscriber has (RFC 6177). What is no address is itself.
 */
export function networkOf(address: string): string {
  if (isIPv4(address)) return address;
  const groups = groupsOf(address);
  if (!groups) return address;
  return (
    mappedIPv4(groups) ??
    `${groups
      .slice(0, 4)
      .map((group) => group.toString(16))
      .join(':')}::/64`
  );
}
