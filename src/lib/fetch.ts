/**
 * Fetches from addresses that strangers have registered (`jwks_uri`, `sector_identifier_uri`,
 * back-channel logout …). Whatever they name, the server reaches the public internet alone:
 *
 * - https only, and no user in the URL;
 * - the name is resolved once, each address is checked, and the connection goes to those addresses:
 *   a name that changes its mind in between changes nothing;
 * - a name with any address inside is refused as a whole. A public name has no business there, and to
 *   drop such addresses would leave it to chance whether somebody notices;
 * - a redirect is the answer, not a way to go on;
 * - one cap on the time of it all, slow bodies included, and one on the size;
 * - no proxy of the environment, no cookies, no connection that stays open.
 *
 * A development switch allows this machine's own addresses, there by http too.
 */
import { lookup } from 'node:dns/promises';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { Readable } from 'node:stream';
import { isLoopbackAddress, isPublicAddress, literalAddress } from './addresses.ts';

export interface FetchOptions {
  /** Whether this machine's own addresses may be reached. */
  loopback: boolean;
  /** For the whole exchange, milliseconds. */
  timeout_ms: number;
  /** Of the body. */
  max_bytes: number;
}

/** An address of a name, as `dns.lookup` tells it. */
export interface Address {
  address: string;
  family: number;
}

export type Resolve = (hostname: string) => Promise<readonly Address[]>;

/** The signature of `fetch`, as far as it is served; redirects are never followed. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

const reasons = {
  url: 'is not an https:// URL without user name and password',
  unresolved: 'has no address',
  forbidden_address: 'does not lead to the public internet',
  unreachable: 'cannot be reached',
  certificate: 'has no valid certificate',
  timeout: 'takes too long to answer',
  too_large: 'answers with more than is read',
  malformed: 'does not answer in HTTP',
  encoding: 'answers in an encoding that was not asked for',
  aborted: 'was no longer asked',
} as const;

export type FetchErrorCode = keyof typeof reasons;

/**
 * Why nothing was fetched: the host and the reason. Nothing else of the network is told, so the
 * message may go to whoever registered the URL; `cause` is for the log.
 */
export class FetchError extends Error {
  readonly code: FetchErrorCode;
  readonly host: string;
  constructor(code: FetchErrorCode, host: string, options?: ErrorOptions) {
    super(`${host || 'the address'} ${reasons[code]}`, options);
    this.name = 'FetchError';
    this.code = code;
    this.host = host;
  }
}

/** Codes of Node's own errors; those of certificates are told by their beginnings. */
const codes: readonly (readonly [RegExp, FetchErrorCode])[] = [
  [/^HPE_HEADER_OVERFLOW$/, 'too_large'],
  [/^HPE_/, 'malformed'],
  [/CERT|^ERR_TLS|^ERR_SSL|SIGNATURE|ISSUER|^EPROTO$/, 'certificate'],
  [/^ENOTFOUND$|^EAI_/, 'unresolved'],
];

const HEADERS = 16_384;

const resolveAll: Resolve = (hostname) => lookup(hostname, { all: true });

/** Rejects when the signal does, for what cannot be called off. */
function unless<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/** @param resolve asks for a name's addresses; the system's own way when absent */
export function createFetch(options: FetchOptions, resolve: Resolve = resolveAll): Fetch {
  const { loopback, timeout_ms, max_bytes } = options;

  function urlOf(input: string): URL {
    const url = URL.parse(input);
    const plain = url?.protocol === 'http:' && loopback;
    const fits = (plain || url?.protocol === 'https:') && !url?.username && !url?.password;
    if (!url || !fits) throw new FetchError('url', url?.hostname ?? '');
    return url;
  }

  async function addressesOf({ hostname, protocol }: URL): Promise<readonly Address[]> {
    const literal = literalAddress(hostname);
    const found =
      literal === undefined
        ? await resolve(hostname)
        : [{ address: literal, family: literal.includes(':') ? 6 : 4 }];
    if (found.length === 0) throw new FetchError('unresolved', hostname);
    const allowed = ({ address }: Address) =>
      (loopback && isLoopbackAddress(address)) ||
      (protocol === 'https:' && isPublicAddress(address));
    if (!found.every(allowed)) throw new FetchError('forbidden_address', hostname);
    return found;
  }

  /** The body, as long as it keeps within its limits. */
  function bodyOf(response: IncomingMessage, host: string, wrap: (error: unknown) => Error) {
    async function* read() {
      let size = 0;
      try {
        for await (const chunk of response) {
          size += (chunk as Buffer).length;
          if (size > max_bytes) throw new FetchError('too_large', host);
          yield new Uint8Array(chunk as Buffer);
        }
      } catch (error) {
        throw wrap(error);
      }
    }
    const body = Readable.from(read(), { objectMode: false });
    // Read to its end, given up or never begun: the connection goes with it.
    body.once('close', () => response.destroy());
    return Readable.toWeb(body) as ReadableStream;
  }

  return async (input, init = {}) => {
    const asked = input instanceof Request ? input : undefined;
    const url = urlOf(asked ? asked.url : String(input));
    const host = url.hostname;
    const request = new Request(asked ?? url, { ...init, redirect: 'manual' });
    const time = AbortSignal.timeout(timeout_ms);
    const signal = AbortSignal.any([time, request.signal]);

    const wrap = (cause: unknown): FetchError => {
      if (cause instanceof FetchError) return cause;
      if (time.aborted) return new FetchError('timeout', host, { cause });
      // A caller's own time limit is one, too.
      if (signal.aborted) {
        const code = signal.reason?.name === 'TimeoutError' ? 'timeout' : 'aborted';
        return new FetchError(code, host, { cause });
      }
      const name = String((cause as NodeJS.ErrnoException | undefined)?.code);
      const code = codes.find(([pattern]) => pattern.test(name))?.[1] ?? 'unreachable';
      return new FetchError(code, host, { cause });
    };

    try {
      const body = request.body ? Buffer.from(await request.arrayBuffer()) : undefined;
      const addresses = await unless(signal, addressesOf(url));
      const response = await send(request, url, body, addresses, signal);
      const problem = problemOf(response, max_bytes);
      if (problem) {
        response.destroy();
        throw new FetchError(problem, host);
      }
      return toResponse(response, request.method, () => bodyOf(response, host, wrap));
    } catch (error) {
      throw wrap(error);
    }
  };
}

/** Sends it to these addresses and no other. */
function send(
  request: Request,
  url: URL,
  body: Buffer | undefined,
  addresses: readonly Address[],
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const known: LookupFunction = (_hostname, options, callback) => {
    const [first] = addresses as [Address];
    if (options.all) callback(null, [...addresses]);
    else callback(null, first.address, first.family);
  };
  const headers = Object.fromEntries(request.headers);
  return new Promise((resolve, reject) => {
    const sent = (url.protocol === 'https:' ? https : http).request(url, {
      method: request.method,
      headers: { ...headers, host: url.host, 'accept-encoding': 'identity' },
      lookup: known,
      // An agent of its own: neither the environment's proxy nor a connection that stays open.
      agent: false,
      maxHeaderSize: HEADERS,
      signal,
    });
    sent.once('response', resolve);
    sent.on('error', reject);
    // Without an answer, or with one that is none: 101 takes the connection for something else.
    sent.once('close', () => reject(Object.assign(new Error('no answer'), { code: 'HPE_NONE' })));
    sent.end(body);
  });
}

/** What is wrong with an answer before its body is read. */
function problemOf(
  { statusCode = 0, headers }: IncomingMessage,
  most: number,
): FetchErrorCode | undefined {
  if (statusCode < 200 || statusCode > 599) return 'malformed';
  if (Number(headers['content-length'] ?? 0) > most) return 'too_large';
  return (headers['content-encoding'] ?? 'identity') === 'identity' ? undefined : 'encoding';
}

/** Statuses that have no body (Fetch standard, "null body status"). */
const bodiless: ReadonlySet<number> = new Set([204, 205, 304]);

function toResponse(
  response: IncomingMessage,
  method: string,
  body: () => ReadableStream,
): Response {
  const status = response.statusCode ?? 0;
  const headers = new Headers();
  for (let i = 0; i < response.rawHeaders.length; i += 2)
    headers.append(response.rawHeaders[i] as string, response.rawHeaders[i + 1] as string);
  const none = method === 'HEAD' || bodiless.has(status);
  if (none) response.resume();
  return new Response(none ? null : body(), { status, headers });
}
