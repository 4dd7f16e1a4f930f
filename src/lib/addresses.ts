/**
 * Which addresses belong to the public internet. IPv4 is public but for the table; of IPv6 nothing is
 * public but global unicast, less the table: what is not assigned yet is not reached by accident.
 */
import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { dotted, groupsOf, mappedIPv4 } from './ip.ts';

type Net = readonly [network: string, prefix: number, reason: string];

/** @source IANA IPv4 Special-Purpose Address Registry (RFC 6890) and RFC 5771 for multicast */
const special4: readonly Net[] = [
  ['0.0.0.0', 8, 'this network, unspecified'],
  ['10.0.0.0', 8, 'private'],
  ['100.64.0.0', 10, 'carrier-grade NAT'],
  ['127.0.0.0', 8, 'loopback'],
  ['169.254.0.0', 16, 'link-local, where clouds tell their secrets'],
  ['172.16.0.0', 12, 'private'],
  ['192.0.0.0', 24, 'protocol assignments'],
  ['192.0.2.0', 24, 'documentation'],
  ['192.31.196.0', 24, 'AS112'],
  ['192.52.193.0', 24, 'AMT'],
  ['192.88.99.0', 24, '6to4 relays'],
  ['192.168.0.0', 16, 'private'],
  ['192.175.48.0', 24, 'AS112'],
  ['198.18.0.0', 15, 'benchmarking'],
  ['198.51.100.0', 24, 'documentation'],
  ['203.0.113.0', 24, 'documentation'],
  ['224.0.0.0', 4, 'multicast'],
  ['240.0.0.0', 4, 'reserved, broadcast'],
];

/** RFC 4291, section 2.4; everything outside (`::1`, `fc00::/7`, `fe80::/10`, `ff00::/8` …) is not public. */
const global6: Net = ['2000::', 3, 'global unicast'];

/** @source IANA IPv6 Special-Purpose Address Registry, as far as it lies within global unicast */
const special6: readonly Net[] = [
  ['2001::', 23, 'protocol assignments: Teredo, benchmarking, ORCHID'],
  ['2001:db8::', 32, 'documentation'],
  ['2002::', 16, '6to4, which wraps any IPv4 address'],
  ['2620:4f:8000::', 48, 'AS112'],
  ['3fff::', 20, 'documentation'],
];

/** Names that never mean a public host (RFC 6761, RFC 6762, RFC 8375; `internal` by ICANN, 2024). */
const privateNames = /(^|\.)(localhost|local|internal|home\.arpa)$/;

function listOf(nets: readonly Net[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of nets) list.addSubnet(network, prefix, family);
  return list;
}

const notPublic4 = listOf(special4, 'ipv4');
const public6 = listOf([global6], 'ipv6');
const notPublic6 = listOf(special6, 'ipv6');
const loopback4 = listOf([['127.0.0.0', 8, 'loopback']], 'ipv4');

/** 64:ff9b::/96: where only IPv6 is spoken, every IPv4 host is found below it (RFC 6052). */
function translatedIPv4(groups: readonly number[]): string | undefined {
  const [high, low] = groups.slice(6) as [number, number];
  const prefix = [0x64, 0xff9b, 0, 0, 0, 0];
  return prefix.every((group, i) => groups[i] === group) ? dotted(high, low) : undefined;
}

/** Whether an IP address, written in any of its ways, is one of the public internet. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !notPublic4.check(address, 'ipv4');
  const groups = groupsOf(address);
  if (!groups) return false;
  const wrapped = mappedIPv4(groups) ?? translatedIPv4(groups);
  if (wrapped !== undefined) return isPublicAddress(wrapped);
  const bare = address.split('%', 1)[0] as string;
  return public6.check(bare, 'ipv6') && !notPublic6.check(bare, 'ipv6');
}

/** Whether an IP address is this machine's own: 127.0.0.0/8 and ::1. */
export function isLoopbackAddress(address: string): boolean {
  if (isIPv4(address)) return loopback4.check(address, 'ipv4');
  const groups = groupsOf(address);
  if (!groups) return false;
  const mapped = mappedIPv4(groups);
  if (mapped !== undefined) return isLoopbackAddress(mapped);
  return groups.every((group, i) => group === (i === 7 ? 1 : 0));
}

/** The IP address that a URL's host is, without brackets; undefined for a name. */
export function literalAddress(hostname: string): string | undefined {
  const bare = hostname.replace(/^\[|\]$/g, '');
  return isIPv4(bare) || isIPv6(bare) ? bare : undefined;
}

const nameOf = (hostname: string) => hostname.toLowerCase().replace(/\.$/, '');

/**
 * Whether a URL's host may be public, as far as can be told without asking anybody: for what is
 * registered. A name is asked for when it is fetched (src/lib/fetch.ts).
 * @param hostname as `URL.hostname` has it, where 0x7f.1 has become 127.0.0.1
 */
export function isPublicHost(hostname: string): boolean {
  const address = literalAddress(hostname);
  if (address !== undefined) return isPublicAddress(address);
  return hostname !== '' && !privateNames.test(nameOf(hostname));
}

/** Whether a URL's host is this machine, by its address or by name (RFC 6761, section 6.3). */
export function isLoopbackHost(hostname: string): boolean {
  const address = literalAddress(hostname);
  if (address !== undefined) return isLoopbackAddress(address);
  return /(^|\.)localhost$/.test(nameOf(hostname));
}
