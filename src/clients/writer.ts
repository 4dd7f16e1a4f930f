import type { Action } from '../audit/actions.ts';
import type { Actor, Audit } from '../audit/audit.ts';
import { Problem } from '../lib/problem.ts';
import type { Vault } from '../lib/seal.ts';
import { epoch } from '../lib/time.ts';
import type { Said } from '../lib/wording.ts';
import type { Cached } from '../store/cached.ts';
import { type Collection, ConflictError, type Entry, type Store } from '../store/store.ts';
import { auditView } from './audit-view.ts';
import { type Client, type StoredClient, withKeys } from './client.ts';
import type { refusals } from './refusals.ts';
import { isValid, makeSecret, needsSecret, secretsFor } from './secrets.ts';
import type { ClientValidator } from './validate.ts';

/** A written client and, when one was made, the secret that is shown this once. */
export interface Written {
  entry: Entry<Client>;
  secret?: string;
}

export interface ClientsParts {
  store: Store;
  vault: Vault;
  audit: Audit;
  validator: ClientValidator;
  /** Asks the protocol engine whether it would load the client; throws a Problem when not. */
  accepts(clientId: string, client: Client): Promise<void>;
}

/** How a client is changed: under its version, accepted by the engine, with an event that tells of it. */
export interface ClientWriter {
  /** @throws {Problem} `not_found` */
  get(clientId: string): Promise<Entry<StoredClient>>;
  missing(clientId: string): never;
  /** Gives the client the secrets that its metadata allows, and one when it needs and has none. */
  withSecrets(clientId: string, client: Client, plain?: string): Made;
  /** @throws {Problem} `precondition_failed` when it has another version */
  change(
    clientId: string,
    actor: Actor,
    action: Action,
    version: number | undefined,
    make: (before: Client) => Made,
  ): Promise<Written>;
}

/** A client to be written and, when one was made, the secret that is shown this once. */
export interface Made {
  client: Client;
  secret?: string;
}

export const stale = () =>
  new Problem('precondition_failed', 'The client was changed by someone else; read it again.');

/**
 * Asks the engine about a change. What it refuses already, it does not load; it may go on refusing
 * the same, so that such a client can still be edited.
 * @throws {Problem} `invalid`
 */
export async function acceptChange(
  accepts: ClientsParts['accepts'],
  clientId: string,
  before: Client,
  after: Client,
): Promise<void> {
  const refusal = (client: Client) =>
    accepts(clientId, client).then(
      () => undefined,
      (error: unknown) => {
        if (error instanceof Problem) return error;
        throw error;
      },
    );
  const told = (problem: Problem | undefined) => JSON.stringify(problem?.errors);
  const now = await refusal(after);
  if (now && told(now) !== told(await refusal(before))) throw now;
}

/** One thing that cannot be written. */
export const refuse = (pointer: string, rule: keyof typeof refusals, said: Said) =>
  new Problem('invalid', 'The client cannot be written so.', {
    errors: [{ pointer, rule, ...said }],
  });

export function createWriter(
  { vault, audit, accepts }: ClientsParts,
  collection: Collection<StoredClient>,
  cache: Pick<Cached<StoredClient>, 'forget'>,
): ClientWriter {
  const missing = (clientId: string): never => {
    throw new Problem('not_found', `There is no client ${JSON.stringify(clientId)}.`);
  };
  const get = async (clientId: string) => (await collection.get(clientId)) ?? missing(clientId);

  /** Gives the client the secrets that its metadata allows, and one when it needs and has none. */
  function withSecrets(clientId: string, client: Client, plain?: string): Made {
    const { metadata } = client;
    const secrets = secretsFor(vault, clientId, client.secrets, metadata);
    if (!needsSecret(metadata) || secrets.some((secret) => isValid(secret))) {
      return { client: { ...client, secrets } };
    }
    const ttl = client.registration?.secret_ttl;
    const made = makeSecret(vault, clientId, metadata, {
      ...(plain !== undefined && { plain }),
      ...(ttl !== undefined && { expires: epoch() + ttl }),
    });
    // Those of before are of no use any more: none of them is valid.
    return { client: { ...client, secrets: [made.stored] }, secret: made.plain };
  }

  /** Changes a client that is there, under its version, with an event that tells of it. */
  async function change(
    clientId: string,
    actor: Actor,
    action: Action,
    version: number | undefined,
    make: (before: Client) => Made,
  ): Promise<Written> {
    const before = await get(clientId);
    if (version !== undefined && version !== before.version) throw stale();
    const made = make(before.value);
    const client = { ...made.client, updated: epoch() };
    await acceptChange(accepts, clientId, before.value, client);
    const target = `client:${clientId}`;
    const told = {
      actor,
      action,
      target,
      before: auditView(before.value),
      after: auditView(client),
    };
    try {
      const entry = await audit.record(told, () =>
        collection.update(clientId, before.version, withKeys(clientId, client)),
      );
      cache.forget(clientId);
      return { entry, ...(made.secret && { secret: made.secret }) };
    } catch (error) {
      if (error instanceof ConflictError) throw stale();
      throw error;
    }
  }

  return { get, missing, withSecrets, change };
}
