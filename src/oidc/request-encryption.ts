/**
 * Encrypted request objects (RFC 9101, section 6.1). The engine decrypts those that were made with a
 * client's secret. For those made with a key of this server it would have to be given the private
 * keys, once and for all; ours come and go, so they are decrypted here, when the engine asks for the
 * client between having read the request and looking at it. What does not decrypt is left for the
 * engine to refuse, once the client is who it says.
 */
import { compactDecrypt, decodeProtectedHeader } from 'jose';
import { type AdapterFactory, errors, type KoaContextWithOIDC, Provider } from 'oidc-provider';
import { encryptionEncs } from '../clients/values.ts';
import { isEncryptionAlg } from './key-algorithms.ts';
import type { OpenKey, OpenRing } from './open-ring.ts';

/** The keys that may decrypt something: the one that is named, or all of the algorithm. */
export type FindKeys = OpenRing['decrypting'];

interface Encryption {
  alg?: string | undefined;
  enc?: string | undefined;
}

const routes: ReadonlySet<string> = new Set([
  'authorization',
  'device_authorization',
  'pushed_authorization_request',
]);

/** How the request object of a request was encrypted; of none that was looked at and was not. */
const seen = new WeakMap<object, Encryption>();

function headerOf(request: string) {
  try {
    return decodeProtectedHeader(request);
  } catch {
    return {};
  }
}

/** The first that decrypts it wins; undefined when none does. */
async function decrypt(jwe: string, keys: readonly OpenKey[]): Promise<string | undefined> {
  for (const key of keys) {
    const options = {
      keyManagementAlgorithms: [key.alg],
      contentEncryptionAlgorithms: [...encryptionEncs],
      // RFC 8725, section 3.6: nothing is decompressed.
      maxDecompressedLength: 0,
    };
    const decrypted = await compactDecrypt(jwe, key.private, options).catch(() => undefined);
    if (decrypted) return new TextDecoder().decode(decrypted.plaintext);
  }
  return undefined;
}

/** What the engine has read of this request, and will read its parameters from. */
function readOf(oidc: KoaContextWithOIDC['oidc']): Record<string, unknown>[] {
  return [oidc.body, oidc.params].filter((read) => read?.request !== undefined) as never;
}

async function open(oidc: KoaContextWithOIDC['oidc'], find: FindKeys): Promise<void> {
  const read = readOf(oidc);
  const request = read[0]?.request;
  if (typeof request !== 'string') return;
  seen.set(oidc, {});
  if (request.split('.').length !== 5) return;
  const { alg, enc, kid } = headerOf(request);
  seen.set(oidc, { alg, enc });
  if (!isEncryptionAlg(alg)) return;
  const plain = await decrypt(request, find(alg, kid));
  // Nothing is no request object, and must not look as if there had been none.
  if (!plain) return;
  for (const one of read) one.request = plain;
}

/** @param find the keys to decrypt with */
export function decryptRequests(factory: AdapterFactory, find: FindKeys): AdapterFactory {
  return (name) => {
    const adapter = factory(name);
    if (name !== 'Client') return adapter;
    return {
      ...adapter,
      find(id) {
        const found = adapter.find(id);
        const oidc = Provider.ctx?.oidc;
        if (!oidc || !routes.has(oidc.route) || seen.has(oidc)) return found;
        // Not before it was found: the request object may have been fetched for it.
        return found.then(async (client) => {
          if (client && !seen.has(oidc)) await open(oidc, find);
          return client;
        });
      },
    };
  };
}

/**
 * `features.requestObjects.assertJwtClaimsAndHeader`: a client that has named an algorithm encrypts
 * its request objects, and so. A pushed one was looked at when it came.
 * @source OpenID Connect Dynamic Client Registration 1.0, section 2
 */
export function checkRequestEncryption(
  ctx: KoaContextWithOIDC,
  _claims: unknown,
  _header: unknown,
  client: { requestObjectEncryptionAlg?: unknown; requestObjectEncryptionEnc?: unknown },
): void {
  const { requestObjectEncryptionAlg: alg, requestObjectEncryptionEnc: enc } = client;
  if (alg === undefined || !routes.has(ctx.oidc.route)) return;
  if (ctx.oidc.entities.PushedAuthorizationRequest) return;
  const used = seen.get(ctx.oidc);
  if (used?.alg === alg && used?.enc === enc) return;
  throw new errors.InvalidRequestObject(`the request object must be encrypted with ${alg}, ${enc}`);
}
