/** What a server holds after years with very many clients: what the dashboard has to show. */
import { createHash } from 'node:crypto';
import { emailKey } from '../src/accounts/account.ts';
import { accountsCollection, createAccounts } from '../src/accounts/accounts.ts';
import { createPasswords } from '../src/accounts/passwords.ts';
import { type StoredAccount, withTerms } from '../src/accounts/search.ts';
import { type AuditEvent, auditCollection } from '../src/audit/audit.ts';
import { auditView } from '../src/clients/audit-view.ts';
import { type Client, clientsCollection, type StoredClient } from '../src/clients/client.ts';
import { type ClientUsage, usageCollection } from '../src/clients/usage.ts';
import { createLog } from '../src/lib/log.ts';
import type { Vault } from '../src/lib/seal.ts';
import { createFailures } from '../src/oidc/failures/failures.ts';
import { type Counts, HOUR, KEPT, statisticsCollection } from '../src/oidc/statistics.ts';
import type { Store } from '../src/store/store.ts';
import { clientIdOf, populationClient } from './client-population.ts';
import { signIn } from './dashboard-sessions.ts';
import { COUNT, fill } from './filled.ts';
import { places, trades } from './store-documents.ts';

export const FAILURES = 2000;
const ACCOUNTS = Math.ceil(COUNT / 10);
/** Changes of the client that is changed all the time, the last one of all. */
const CHANGES = 1000;

const now = Math.floor(Date.now() / 1000);
const digest = (text: string) => createHash('sha256').update(text).digest();

export const accountIdOf = (n: number): string =>
  digest(`account ${n}`).toString('base64url').slice(0, 22).replace(/^[_-]/, 'a');

function accountOf(n: number): { id: string; value: StoredAccount } {
  const email = `person${n}@example.org`;
  const name = `${places[n % places.length]} ${trades[n % trades.length]} ${n}`;
  const times = { created: now - n, updated: now - n };
  return {
    id: accountIdOf(n),
    value: withTerms({
      email,
      email_key: emailKey(email),
      email_verified: true,
      claims: { name, given_name: name, locale: 'en-GB', zoneinfo: 'Europe/London' },
      roles: n < 20 ? ['editor'] : [],
      disabled: n % 50 === 0,
      ...times,
    }),
  };
}

type Stored = AuditEvent & { who: string; time: string };

/** The id of event `n`: in the order of time. */
const eventIdOf = (n: number, at: number): string =>
  `${at.toString(36).padStart(11, '0')}-${digest(`event ${n}`).toString('base64url').slice(0, 11)}`;

/** Clients were made, one after the other, by twenty people; then one of them was changed, and changed. */
function eventOf(n: number, count: number): { id: string; value: Stored } {
  const at = (now - (count - n) * 300) * 1000;
  const subject = Math.min(n, COUNT - 1);
  const document = auditView(populationClient(subject, COUNT).value as unknown as Client);
  const account_id = accountIdOf(n % 20);
  const description = (change: number) => `Changed for the ${change}. time`;
  const change = n - COUNT;
  const made = { action: 'client.create', changes: [{ pointer: '', after: document }], document };
  const changed = {
    action: 'client.update',
    changes: [
      { pointer: '/description', before: description(change - 1), after: description(change) },
      { pointer: '/contacts', before: document.contacts, after: [`team${n}@example.org`] },
    ],
    document: { ...document, description: description(change) },
  };
  return {
    id: eventIdOf(n, at),
    value: {
      at,
      actor: { via: 'api', client_id: 'clientele-dashboard', account_id },
      target: `client:${clientIdOf(subject)}`,
      ...(n < COUNT ? made : changed),
      who: account_id,
      time: new Date(at).toISOString(),
    },
  };
}

/** The client with the long history. */
export const CHANGED = clientIdOf(COUNT - 1);

/** Every other client is in use. */
const usageOf = (n: number): { id: string; value: ClientUsage } => {
  const used = now - (digest(`use ${n}`).readUInt32BE(0) % 20_000_000);
  const grant_types = { authorization_code: used };
  return { id: clientIdOf(2 * n), value: { last_used: used, grant_types } };
};

function hourOf(n: number): { id: string; value: Counts } {
  const hour = now - (now % HOUR) - n * HOUR;
  const tokens = digest(`hour ${n}`).readUInt16BE(0);
  const value = { sign_ins: tokens >> 2, tokens, failures: tokens >> 6 };
  return { id: String(hour).padStart(12, '0'), value };
}

/** Refused as they are refused: through the record that strangers fill. */
async function fail(store: Store, vault: Vault): Promise<void> {
  const clients = store.collection<StoredClient>(clientsCollection);
  const failures = createFailures({
    store,
    vault,
    clients: { find: async (id) => (await clients.get(id))?.value as Client | undefined },
    settings: { keep: KEPT, per_minute: FAILURES },
    log: createLog('error'),
  });
  for (let n = 0; n < FAILURES; n += 1) {
    const client_id = n % 3 === 0 ? CHANGED : clientIdOf(n);
    failures.note(() => ({
      at: Date.now(),
      request: `failed-${n}`,
      client_id,
      endpoint: 'authorization',
      error: 'invalid_redirect_uri',
      error_description: "redirect_uri did not match any of the client's registered redirect_uris",
      method: 'none',
      params: {
        redirect_uri: `https://app-${COUNT - 1}.team${(COUNT - 1) % 500}.example/callback/${n}`,
        scope: 'openid',
      },
    }));
    if (n % 100 === 99) await failures.close();
  }
  await failures.close();
}

/** Fills a store, unless it was filled before. */
export async function populate(store: Store, vault: Vault): Promise<void> {
  const clients = store.collection<StoredClient>(clientsCollection);
  const hours = store.collection<Counts>(statisticsCollection);
  // The last thing that is written.
  const isFilled = await hours.get(hourOf(1).id);
  if (isFilled) return;
  await fill(clients, populationClient);
  await fill(store.collection<Stored>(auditCollection), eventOf, COUNT + CHANGES);
  await fill(store.collection<ClientUsage>(usageCollection), usageOf, COUNT / 2);
  await fill(store.collection<StoredAccount>(accountsCollection), accountOf, ACCOUNTS);
  await signIn(store, vault, accountIdOf, ACCOUNTS);
  await fail(store, vault);
  await fill(hours, hourOf, KEPT / HOUR);
}

/** A new administrator, whom nobody has seen. */
export async function createOwner(store: Store): Promise<{ email: string; password: string }> {
  const cheap = { memory_kib: 8192, iterations: 1, parallelism: 1, min_length: 8 };
  const owner = { email: `owner-${Date.now()}@example.com`, password: 'correct horse battery' };
  const accounts = createAccounts(store, createPasswords(cheap), cheap);
  await accounts.create({ ...owner, email_verified: true, roles: ['owner'] });
  return owner;
}
