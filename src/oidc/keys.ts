import type { ExternalSigningKey, JWK } from 'oidc-provider';
import type { ClientsParts } from '../clients/clients.ts';
import { LONGEST_ACCESS_TOKEN } from '../clients/resource.ts';
import { serverEncryptionAlgs } from '../clients/values.ts';
import type { Config } from '../config/schema.ts';
import type { Log } from '../lib/log.ts';
import { Problem } from '../lib/problem.ts';
import type { Vault } from '../lib/seal.ts';
import { ConflictError, DuplicateError, type Entry, type Store } from '../store/store.ts';
import { type KeyTimes, keysCollection, newKey, RING, type Ring } from './key-ring.ts';
import {
  everyAlg,
  overdue,
  present,
  pruned,
  type Rotation,
  rotated,
  type Spans,
} from './key-rotation.ts';
import { type OpenKey, type OpenRing, openRing } from './open-ring.ts';
import { openSealed } from './open-sealed.ts';
import { createSigners } from './signer.ts';

export { keysCollection } from './key-ring.ts';

/** How far the clocks of processes and relying parties may be apart, seconds. */
const CLOCK_TOLERANCE = 60;
const DAY = 86_400;

type Audit = ClientsParts['audit'];
type Actor = Parameters<Audit['note']>[0]['actor'];

export interface Keys {
  /** For the engine, one of each algorithm. */
  readonly signers: ExternalSigningKey[];
  /** For the engine, so that it knows what requests may be encrypted with; it decrypts nothing. */
  readonly encryptionKeys: JWK[];
  /** Keys that a request may have been encrypted to; see `request-encryption.ts`. */
  readonly decrypting: OpenRing['decrypting'];
  /** The JWK Set (RFC 7517, section 5). */
  readonly jwks: {
    /** The same object until it changes. */
    current(): object;
    /** How long anybody may keep it, seconds. */
    readonly maxAge: number;
  };
  list(): Promise<KeyTimes[]>;
  /**
   * Makes a key for each algorithm. It is published now and signs as soon as everybody can know it;
   * `at_once` it signs now and all others of the algorithm are removed.
   * @throws {Problem} `conflict` where every algorithm has a key that waits already, or too many
   */
  rotate(rotation: Rotation, actor: Actor): Promise<KeyTimes[]>;
  /** What time brings: rotates what is due and removes what is gone. Of many processes one does it. */
  tend(): Promise<void>;
  close(): void;
}

export interface KeysParts {
  config: Pick<Config, 'keys' | 'ttl'>;
  store: Store;
  vault: Vault;
  audit: Audit;
  log: Log;
}

/**
 * A key is of use until the last token that it signed has expired, and ID tokens are hints for as
 * long as the session that they belong to.
 */
function spansOf({ keys, ttl }: KeysParts['config']): Spans {
  const { access_token, client_credentials, id_token, session } = ttl;
  const longest = [LONGEST_ACCESS_TOKEN, access_token, client_credentials, id_token, session];
  return {
    published: keys.publish_seconds,
    keep: Math.max(...longest) + CLOCK_TOLERANCE,
    signs: keys.rotate_days * DAY,
  };
}

/**
 * What the engine learns an algorithm from. It wants a private key, for good, where ours come and go;
 * so it gets one that can do nothing.
 */
function placeholder({ jwk, alg }: OpenKey): JWK {
  const nothing = { d: '-', p: '-', q: '-', dp: '-', dq: '-', qi: '-' };
  return { ...jwk, ...nothing, kid: `placeholder ${alg}` } as JWK;
}

/** What the audit tells of a ring, by key. */
const told = (keys: readonly KeyTimes[]) =>
  Object.fromEntries(keys.map(({ kid, alg, active_at }) => [kid, { alg, active_at }]));

/**
 * The server's keys. The first ones are made at the first start: of several processes that
 * start together one stores its keys and all use those.
 * @throws {OpenError} when SECRETS_KEY is not the one that the store was made with
 */
export async function createKeys({ config, store, vault, audit, log }: KeysParts): Promise<Keys> {
  const spans = spansOf(config);
  const { published, keep } = spans;
  const collection = store.collection<Ring>(keysCollection);

  /** A store that is new, or older than an algorithm, gets the keys that it lacks. */
  async function read(): Promise<Entry<Ring>> {
    const stored = await collection.get(RING);
    const there = new Set(stored?.value.keys.map(({ alg }) => alg));
    const lacking = everyAlg.filter((alg) => !there.has(alg));
    if (stored && lacking.length === 0) return stored;
    const made = await Promise.all(lacking.map((alg) => newKey(alg, vault)));
    const next = { keys: [...(stored?.value.keys ?? []), ...made] };
    const written = stored
      ? collection.update(RING, stored.version, next)
      : collection.insert(RING, next);
    return written.catch((error) => {
      if (!(error instanceof DuplicateError) && !(error instanceof ConflictError)) throw error;
      return read();
    });
  }

  let ring = await read().then((entry) => openSealed(() => openRing(entry, keep, vault)));

  const follow = (entry: Entry<Ring>) => {
    if (entry.version > ring.version) ring = openRing(entry, keep, vault, ring);
  };
  const stop = store.watch(keysCollection, (id) => {
    if (id !== undefined && id !== RING) return;
    read()
      .then(follow)
      .catch((error) => log.error({ err: error }, 'signing keys not read anew'));
  });

  /** Replaces the ring; when another process was first, what that one wrote is looked at anew. */
  async function change(write: (before: Entry<Ring>) => Promise<Entry<Ring>>): Promise<KeyTimes[]> {
    for (;;) {
      try {
        const entry = await write(await read());
        follow(entry);
        return present(entry.value, keep);
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
      }
    }
  }

  const rotate: Keys['rotate'] = (rotation, actor) =>
    change(async ({ value, version }) => {
      const next = await rotated(value, rotation, spans, vault);
      const event = {
        actor,
        action: rotation.at_once ? ('keys.replace' as const) : ('keys.rotate' as const),
        target: 'keys',
        before: told(present(value, keep)),
        after: told(present(next, keep)),
      };
      return audit.record(event, () => collection.update(RING, version, next));
    });

  return {
    signers: createSigners(() => ring),
    encryptionKeys: serverEncryptionAlgs.map((alg) =>
      placeholder(ring.decrypting(alg)[0] as OpenKey),
    ),
    decrypting: (alg, kid) => ring.decrypting(alg, kid),
    jwks: {
      current: () => ring.jwks(),
      // Whoever reads it just before a key is published reads it again before that one signs.
      maxAge: Math.min(300, Math.floor(published / 3)),
    },
    list: async () => present((await read()).value, keep),
    rotate,
    async tend() {
      const entry = await read();
      // Whatever `watch` did not tell.
      follow(entry);
      const algs = overdue(entry.value, spans);
      if (algs.length > 0) {
        await rotate({ algs }, { via: 'server' }).catch(async (error) => {
          // Unless another process was first.
          const left = overdue((await read()).value, spans);
          if (!(error instanceof Problem) || left.length > 0) throw error;
        });
      } else if (present(entry.value, keep).length < entry.value.keys.length) {
        await change(({ value, version }) =>
          collection.update(RING, version, pruned(value, keep, vault)),
        );
      }
    },
    close: stop,
  };
}
