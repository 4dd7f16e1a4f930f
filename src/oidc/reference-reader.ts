/** Fetches request objects by their address, and keeps those of which it is certain what they are. */
import { hash } from 'node:crypto';
import { errors } from 'oidc-provider';
import { type Fetch, FetchError } from '../lib/fetch.ts';

/**
 * The request object at an address, its white space taken off.
 * @throws {errors.InvalidRequestUri} when it cannot be fetched
 */
export type ReadReference = (uri: string) => Promise<string>;

/** Request objects that are kept, the newest of them. */
const MOST = 100;
/** Characters; a pushed request may be as large. */
const LONGEST = 57_344;
/** Seconds. */
const LIFETIME = 300;

interface Kept {
  content: string;
  /** Milliseconds since the epoch. */
  until: number;
}

/**
 * What an address with a hash leads to cannot change, so it is kept for a while; without one it is
 * fetched each time. Requests for one address at one time share one fetch, whatever their fragments:
 * nobody makes this server ask a relying party more than once at a time.
 */
export function createReferenceReader(fetch: Fetch): ReadReference {
  const kept = new Map<string, Kept>();
  const underway = new Map<string, Promise<string>>();

  const refuse = (reason: string, cause?: unknown): never => {
    throw new errors.InvalidRequestUri(`request_uri: ${reason}`, { cause } as never);
  };

  async function load(address: string): Promise<string> {
    const response = await fetch(address, {
      headers: { accept: 'application/oauth-authz-req+jwt, application/jwt;q=0.9, */*;q=0.1' },
    });
    if (!response.ok) {
      await response.body?.cancel();
      return refuse(`${new URL(address).hostname} answers with status ${response.status}`);
    }
    const content = await response.text();
    return content.length > LONGEST ? refuse(`more than ${LONGEST} characters`) : content;
  }

  function loadOnce(address: string): Promise<string> {
    const known = underway.get(address);
    if (known) return known;
    const loading = load(address)
      .catch((error) =>
        error instanceof FetchError ? refuse(error.message, error) : Promise.reject(error),
      )
      .finally(() => underway.delete(address));
    underway.set(address, loading);
    return loading;
  }

  function keep(uri: string, content: string): void {
    kept.delete(uri);
    kept.set(uri, { content, until: Date.now() + LIFETIME * 1000 });
    const [oldest] = kept.keys();
    if (kept.size > MOST && oldest !== undefined) kept.delete(oldest);
  }

  return async (uri) => {
    const [address = '', fragment = ''] = uri.split('#', 2);
    const known = kept.get(uri);
    if (known && known.until > Date.now()) return known.content;
    const content = await loadOnce(address);
    // Any other fragment is the client's own way to say that the content is a new one.
    if (hash('sha256', content, 'base64url') === fragment) keep(uri, content.trim());
    return content.trim();
  };
}
