import { isDeepStrictEqual } from 'node:util';
import { type Change, differences } from '../audit/differences.ts';
import type { Client } from '../clients/client.ts';
import type { Clients } from '../clients/clients.ts';
import type { ClientMetadata } from '../clients/metadata.ts';
import { isValid, needsSecret } from '../clients/secrets.ts';
import { Problem, type Violation } from '../lib/problem.ts';
import type { Vault } from '../lib/seal.ts';
import { epoch } from '../lib/time.ts';
import type { Entry } from '../store/store.ts';
import type { Flaw } from './flaw.ts';
import type { ClientFile, WantedClient } from './read.ts';
import { resolveSecret, type Sources, type WantedSecret } from './resolve.ts';
import { settleSecrets } from './secrets.ts';

/** What happens to one client. `before` is what the step was planned from, and holds only with it. */
export type Step = { clientId: string } & (
  | { kind: 'create'; client: Client; changes: Change[]; notes: string[] }
  | {
      kind: 'change' | 'convert';
      before: Entry<Client>;
      client: Client;
      changes: Change[];
      notes: string[];
    }
  | { kind: 'delete'; before: Entry<Client> }
  | { kind: 'keep' }
);

export interface PlanOptions {
  /** Delete the clients that a file created and that are in this one no more. */
  prune: boolean;
  /** Let a client become another type. */
  convert: boolean;
}

export interface PlanParts {
  clients: Clients;
  vault: Vault;
  /** Asks the protocol engine whether it would load the client; throws a Problem when not. */
  accepts(clientId: string, client: Client): Promise<void>;
}

/** @throws {ClientFileError} with every violation of every client */
export async function makePlan(
  parts: PlanParts,
  file: ClientFile,
  sources: Sources,
  options: PlanOptions,
): Promise<Step[]> {
  const steps: Step[] = [];
  const flaws: Flaw[] = [];
  for (const [clientId, wanted] of file.clients) {
    const base = ['clients', clientId];
    const report = (path: readonly string[], facts: Flaw['facts']) => {
      flaws.push({ path, offset: file.offset(path), facts });
    };
    const secrets = wanted.secrets?.flatMap((reference, index): WantedSecret[] => {
      const found = resolveSecret(reference, sources);
      if ('plain' in found) return [found as WantedSecret];
      report([...base, 'secrets', String(index), 'from'], found);
      return [];
    });
    const outcome = await planClient(parts, clientId, wanted, secrets, options);
    if ('step' in outcome) steps.push(outcome.step);
    else for (const one of outcome.violations) report([...base, ...names(one)], factsOf(one));
  }
  if (flaws.length > 0) throw file.refuse(flaws);
  if (options.prune) steps.push(...(await leftOut(parts.clients, file)));
  return steps;
}

/** As for every other new client: URL-safe, and never a URL. */
const CLIENT_ID = /^[A-Za-z0-9._~-]{1,256}$/;

/** The parts of an RFC 6901 pointer. */
const names = ({ pointer }: Violation): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));

const factsOf = ({ rule, detail, spec, fix }: Violation): Flaw['facts'] => ({
  rule,
  detail,
  spec,
  fix,
});

type Outcome = { step: Step } | { violations: readonly Violation[] };

async function planClient(
  parts: PlanParts,
  clientId: string,
  wanted: WantedClient,
  secrets: readonly WantedSecret[] | undefined,
  options: PlanOptions,
): Promise<Outcome> {
  if (!CLIENT_ID.test(clientId)) {
    const detail = 'must be 1 to 256 letters, digits, ".", "_", "~" or "-"';
    return { violations: [{ pointer: '', rule: 'client-id', detail, fix: 'choose another' }] };
  }
  const before = await find(parts.clients, clientId);
  const { type } = before?.value.metadata ?? {};
  const converts = type !== undefined && type !== wanted.metadata.type;
  if (converts && !options.convert) {
    const fix = `type: ${type}, or give --convert to convert the client`;
    const detail = `is ${type} in the store`;
    return { violations: [{ pointer: '/type', rule: 'type-is-fixed', detail, fix }] };
  }
  try {
    // A client of another type is a new one for the rules: nothing of before is tolerated.
    const tolerated = converts ? undefined : before?.value.metadata;
    const { validator } = parts.clients;
    // What a file leaves out means the same whether the client is there already or not.
    const whole = tolerated ? validator.complete(wanted.metadata) : wanted.metadata;
    const metadata = validator.check(whole, tolerated);
    return await settle(parts, clientId, before, metadata, secrets, converts);
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'invalid') throw error;
    return { violations: error.errors ?? [] };
  }
}

async function settle(
  parts: PlanParts,
  clientId: string,
  before: Entry<Client> | undefined,
  metadata: ClientMetadata,
  wanted: readonly WantedSecret[] | undefined,
  converts: boolean,
): Promise<Outcome> {
  const had = before?.value.secrets ?? [];
  const { secrets, notes, violations } = settleSecrets(
    parts.vault,
    clientId,
    metadata,
    had,
    wanted,
  );
  if (violations.length > 0) return { violations };
  const changes = differences(before?.value.metadata ?? {}, metadata).filter(
    // Members of a key in another order are the same key.
    (change) => !isDeepStrictEqual(change.before, change.after),
  );
  if (before && changes.length + notes.length === 0) return { step: { kind: 'keep', clientId } };
  const now = epoch();
  const client: Client = {
    ...(before?.value ?? { origin: { via: 'file' }, created: now }),
    metadata,
    secrets,
    updated: now,
  };
  await parts.accepts(clientId, client);
  const silent = needsSecret(metadata) && !secrets.some((secret) => isValid(secret));
  const told = silent
    ? [...notes, 'has no secret yet and cannot authenticate: name one under secrets']
    : notes;
  if (!before) return { step: { kind: 'create', clientId, client, changes, notes: told } };
  const kind = converts ? 'convert' : 'change';
  return { step: { kind, clientId, before, client, changes, notes: told } };
}

async function find(clients: Clients, clientId: string): Promise<Entry<Client> | undefined> {
  return clients.get(clientId).catch((error) => {
    if (error instanceof Problem && error.code === 'not_found') return undefined;
    throw error;
  });
}

/** All clients that a search finds, page by page. */
export async function* eachClient(
  clients: Clients,
  search: Parameters<Clients['list']>[0],
): AsyncGenerator<Entry<Client>> {
  for (let after: string | undefined = ''; after !== undefined; ) {
    const page: Awaited<ReturnType<Clients['list']>> = await clients.list({
      ...search,
      ...(after && { after }),
      limit: 200,
    });
    yield* page.entries;
    after = page.next;
  }
}

async function leftOut(clients: Clients, file: ClientFile): Promise<Step[]> {
  const steps: Step[] = [];
  for await (const entry of eachClient(clients, { origin: 'file' })) {
    if (file.clients.has(entry.id)) continue;
    steps.push({ kind: 'delete', clientId: entry.id, before: entry });
  }
  return steps;
}
