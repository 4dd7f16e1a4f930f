import { keyFlaw } from '../clients/key-strength.ts';
import { fetchOptions } from '../config/fetch.ts';
import type { Config } from '../config/schema.ts';
import { createFetch, type Fetch } from '../lib/fetch.ts';
import type { Log } from '../lib/log.ts';

type Key = Readonly<Record<string, unknown>>;

const isKeySet = (value: unknown): value is { keys: Key[] } =>
  typeof value === 'object' &&
  value !== null &&
  'keys' in value &&
  Array.isArray(value.keys) &&
  value.keys.every((key) => typeof key === 'object' && key !== null);

/**
 * The engine's way out, by which it fetches `jwks_uri`, sector identifiers and the like. Keys that
 * are fetched are held to what registered ones are held to, at the moment they are used: a weaker one
 * is left out, so nothing that it signed is believed and nothing is encrypted to it.
 */
export function createOutgoing(config: Config, log: Log): Fetch {
  const fetch = createFetch(fetchOptions(config));
  return async (input, init) => {
    const response = await fetch(input, init);
    if (!response.ok || (init?.method ?? 'GET') !== 'GET') return response;
    const text = await response.text();
    const again = (body: string) => {
      const headers = new Headers(response.headers);
      headers.delete('content-length');
      return new Response(body, { status: response.status, headers });
    };
    let document: unknown;
    try {
      document = JSON.parse(text);
    } catch {
      return again(text);
    }
    if (!isKeySet(document)) return again(text);
    const keys = document.keys.filter((key) => {
      const flaw = keyFlaw(key);
      if (!flaw) return true;
      const { kid, kty } = key;
      log.warn(
        { uri: String(input), kid, kty, flaw: flaw.said.detail },
        'a fetched key is not used',
      );
      return false;
    });
    return again(JSON.stringify({ ...document, keys }));
  };
}
