import { isLoopbackHost } from '../lib/addresses.ts';
import type { FetchOptions } from '../lib/fetch.ts';
import type { Config } from './schema.ts';

/**
 * How `createFetch` is configured. Loopback is open by itself only while the issuer is on loopback:
 * then nobody but this machine can use the server, and whoever develops a client has it there too.
 * A server with a public issuer never has it open unless somebody says so.
 */
export const fetchOptions = ({ fetch, issuer }: Config): FetchOptions => ({
  loopback: fetch.allow_loopback ?? isLoopbackHost(new URL(issuer).hostname),
  timeout_ms: fetch.timeout_ms,
  max_bytes: fetch.max_bytes,
});
