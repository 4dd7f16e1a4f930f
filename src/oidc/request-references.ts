/**
 * Request objects by reference (OpenID Connect Core 1.0, section 6.2; RFC 9101, section 5.2): a
 * `request_uri` that the client has registered is fetched, and what is there goes on as if it had
 * been sent as `request`, held to everything that holds for that. The engine does not do this any
 * more. It asks for the client between having read the parameters and looking at their request
 * object; this is where the reference is followed, so that the engine answers what is wrong with it
 * as it answers everything else: by redirect where that is safe, by a page where it is not.
 */
import { type AdapterFactory, type AdapterPayload, errors, Provider } from 'oidc-provider';
import type { Fetch } from '../lib/fetch.ts';
import { createReferenceReader, type ReadReference } from './reference-reader.ts';

/** A pushed request's name (RFC 9126, section 2.2), which is the engine's own. */
const PUSHED = 'urn:ietf:params:oauth:request_uri:';

const withoutFragment = (uri: string): string => uri.split('#', 1)[0] as string;

/** @param client as it is registered */
async function follow(
  params: Record<string, unknown>,
  client: AdapterPayload,
  read: ReadReference,
): Promise<void> {
  const uri = String(params.request_uri);
  const { request_uris: registered, require_pushed_authorization_requests: pushedOnly } =
    client as { request_uris?: string[]; require_pushed_authorization_requests?: boolean };
  if (pushedOnly) throw new errors.InvalidRequest('Pushed Authorization Request must be used');
  if (!registered?.length) {
    throw new errors.RequestUriNotSupported('the client has no request_uris registered');
  }
  if (!registered.some((one) => withoutFragment(one) === withoutFragment(uri))) {
    throw new errors.InvalidRequestUri("request_uri is not one of the client's request_uris");
  }
  params.request = await read(uri);
  params.request_uri = undefined;
}

/** @param fetch the engine's way out */
export function followReferences(factory: AdapterFactory, fetch: Fetch): AdapterFactory {
  const read = createReferenceReader(fetch);
  /** Each request's reference is followed once; the engine asks for the client again to answer errors. */
  const followed = new WeakSet<object>();

  /** The parameters of a request that refers to another, before that is followed. */
  function referring(id: string): Record<string, unknown> | undefined {
    const oidc = Provider.ctx?.oidc;
    if (oidc?.route !== 'authorization' || followed.has(oidc)) return undefined;
    const { params } = oidc;
    // Both are an error, and one that the engine tells.
    if (params?.client_id !== id || params.request !== undefined) return undefined;
    const { request_uri: uri } = params;
    if (typeof uri !== 'string' || uri.startsWith(PUSHED)) return undefined;
    followed.add(oidc);
    return params;
  }

  return (name) => {
    const adapter = factory(name);
    if (name !== 'Client') return adapter;
    return {
      ...adapter,
      // Not async itself: every other request that has a client comes by here.
      find(id) {
        const found = adapter.find(id);
        const params = referring(id);
        if (!params) return found;
        return found.then(async (client) => {
          if (client) await follow(params, client, read);
          return client;
        });
      },
    };
  };
}
