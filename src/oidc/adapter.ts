import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import { copyJson } from '../lib/copy.ts';
import { digest } from '../lib/ids.ts';
import { Recent } from '../lib/recent.ts';
import type { Vault } from '../lib/seal.ts';
import { type Collection, DuplicateError, type Store } from '../store/store.ts';
import {
  type Artifact,
  grantableCollections,
  grantsCollection,
  type Model,
  models,
  replaysCollection,
} from './artifacts.ts';
import type { ExtraProperties } from './client.ts';
import { narrowRefreshToken } from './conformance.ts';
import { endGrant, originOf, originOfPair } from './grants/derived.ts';
import { contextOf } from './open-sealed.ts';
import { ReplayError } from './replays.ts';
import { isSameUse, sessionKeys } from './session-keys.ts';

/** The adapter of grants; it also finds them by whose they are. */
export interface GrantAdapter extends Adapter {
  /** To look at, not to change: as long as a grant stays as it is, its payload is the same object. */
  ofPair(accountId: string, clientId: string): Promise<Readonly<AdapterPayload>[]>;
}

/** How the loser of a race for a single-use value is refused. */
const replayed: Readonly<Record<string, () => Error>> = {
  PushedAuthorizationRequest: () => new errors.InvalidRequestUri('request_uri was already used'),
};

/** What a sealed text says: JSON until it is read first, since most is written and never read. */
interface Opened {
  sealed: string;
  said: string | AdapterPayload;
}

/** Opened payloads kept for one model, at least. */
const OPENED = 2_500;
/** Ids whose model is remembered, at least. */
const KINDS = 10_000;

const text = (value: unknown): value is string => typeof value === 'string';

/**
 * The engine's storage over the contract of `store/store.ts`.
 * @param findClient a client's metadata as the engine takes it
 */
export function createAdapterFactory(
  store: Store,
  vault: Vault,
  findClient: (clientId: string) => Promise<AdapterPayload | undefined>,
): (name: string) => Adapter {
  const unsupported = async (): Promise<never> => {
    throw new Error('clients are written through the clients module');
  };

  /** Clients live in their own module; the engine only reads them. */
  const clientAdapter = {
    find: findClient,
    upsert: unsupported,
    destroy: unsupported,
    consume: unsupported,
  } as unknown as Adapter;

  /** A `jti` may be seen once until it expires: the first process to say so wins (RFC 9449, 11.1). */
  const replays = store.collection<Record<string, never>>(replaysCollection);
  const replayAdapter = {
    find: async (id: string) => ((await replays.get(digest(id))) ? {} : undefined),
    async upsert(id: string, _payload: AdapterPayload, ttl: number) {
      await replays.insert(digest(id), {}, { ttl }).catch((error) => {
        if (!(error instanceof DuplicateError)) throw error;
        throw new ReplayError('the jti is there already');
      });
    },
    destroy: unsupported,
    consume: unsupported,
  } as unknown as Adapter;

  const grantable = () => grantableCollections.map((spec) => store.collection<Artifact>(spec));

  /**
   * Which model an id belongs to, as far as this process has seen it. Ids are random, so one is never
   * two models'; the engine asks for a token as each kind that it might be.
   */
  const kinds = new Recent<string, string>(KINDS);

  /** Everything issued under a grant, and the grant itself. */
  async function revoke(grantId: string): Promise<void> {
    const grants = store.collection<Artifact>(grantsCollection);
    const entry = await grants.get(digest(grantId));
    if (entry) return endGrant(grants, grantable(), entry);
    await Promise.all(grantable().map((one) => one.deleteBy('grant', digest(grantId))));
  }

  function artifactAdapter(name: string, { spec, writtenOnly }: Model): GrantAdapter {
    const collection: Collection<Artifact> = store.collection<Artifact>(spec);

    /**
     * What was opened or sealed last, by key: sessions and grants are read many times between two
     * writes, and most codes soon after the only one. Handed out are copies, which the engine changes.
     */
    const opened = new Recent<string, Opened>(OPENED);

    /** The payloads of grants that are looked at by their pair, for as long as the store shows them. */
    const payloads = new WeakMap<Artifact, AdapterPayload>();

    const payloadOf = (known: Opened): AdapterPayload => {
      if (typeof known.said === 'string') known.said = JSON.parse(known.said) as AdapterPayload;
      return known.said;
    };

    const unseal = (key: string, sealed: string): AdapterPayload => {
      let known = opened.get(key);
      if (known?.sealed !== sealed) {
        known = { sealed, said: vault.open(sealed, contextOf(spec, key)) };
        opened.set(key, known);
      }
      return payloadOf(known);
    };

    /** Whether a session is there already as it is to be written. */
    const isThere = (key: string, session: AdapterPayload): boolean => {
      const known = opened.get(key);
      return known !== undefined && isSameUse(payloadOf(known), session);
    };

    const open = (key: string, artifact: Artifact, taken: number | undefined): AdapterPayload => {
      const payload = copyJson(unseal(key, artifact.sealed));
      if (taken !== undefined) payload.consumed = taken;
      return payload;
    };

    const findBy = async (index: 'uid' | 'user_code', value: string) => {
      const [entry] = await collection.find(index, value, 1);
      return entry && open(entry.id, entry.value, entry.taken);
    };

    return {
      async upsert(id, given, ttl) {
        const payload =
          name === 'RefreshToken'
            ? narrowRefreshToken(
                given,
                (await findClient(String(given.clientId))) as Partial<ExtraProperties>,
              )
            : given;
        const { jti: _, ...kept } = payload;
        const key = digest(id);
        if (name === 'Session' && isThere(key, kept)) return;
        kinds.set(key, name);
        const { grantId, uid, userCode, clientId } = payload;
        // An interaction is somebody's from the right password on until it is resumed.
        const accountId = payload.accountId ?? payload.result?.login?.accountId;
        const json = JSON.stringify(kept);
        const sealed = vault.seal(json, contextOf(spec, key));
        await collection.put(
          key,
          {
            sealed,
            ...(text(grantId) && { grant: digest(grantId) }),
            ...(text(uid) && { uid: digest(uid) }),
            ...(text(userCode) && { user_code: vault.blind(userCode, 'user_code') }),
            ...(text(accountId) && { account: accountId }),
            ...(text(clientId) && { client: clientId }),
            ...(name === 'Grant' && { pair: originOfPair(accountId, clientId), ...originOf(id) }),
            ...(name === 'Session' && sessionKeys(payload)),
          },
          ttl ? { ttl } : {},
        );
        if (!writtenOnly) opened.set(key, { sealed, said: json });
      },

      async find(id) {
        const key = digest(id);
        const kind = kinds.get(key);
        if (kind !== undefined && kind !== name) return undefined;
        const entry = await collection.get(key);
        if (!entry) return undefined;
        if (kind === undefined) kinds.set(key, name);
        const payload = open(key, entry.value, entry.taken);
        payload.jti = id;
        return payload;
      },

      /** Without the id, which nobody can read from the store: fit to look at, not to save again. */
      findByUid: (uid) => findBy('uid', digest(uid)),
      findByUserCode: (userCode) => findBy('user_code', vault.blind(userCode, 'user_code')),

      async consume(id) {
        const key = digest(id);
        if (await collection.take(key)) return;
        // Someone else was faster: a value used twice, so what it led to is not to be trusted.
        const entry = await collection.get(key);
        const grantId = entry && open(key, entry.value, entry.taken).grantId;
        if (text(grantId)) await revoke(grantId);
        throw replayed[name]?.() ?? new errors.InvalidGrant('already used');
      },

      async destroy(id) {
        const key = digest(id);
        opened.delete(key);
        await (name === 'Grant' ? revoke(id) : collection.delete(key));
      },

      async ofPair(accountId: string, clientId: string) {
        const found = await collection.find('pair', originOfPair(accountId, clientId));
        return found.map(({ id, value, taken }) => {
          const known = payloads.get(value);
          if (known) return known;
          const payload = open(id, value, taken);
          payloads.set(value, payload);
          return payload;
        });
      },

      async revokeByGrantId(grantId) {
        await collection.deleteBy('grant', digest(grantId));
      },
    };
  }

  return (name) => {
    if (name === 'Client') return clientAdapter;
    if (name === 'ReplayDetection') return replayAdapter;
    const entry = models[name];
    if (!entry) throw new Error(`no collection for ${name}`);
    return artifactAdapter(name, entry);
  };
}
