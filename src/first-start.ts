import type { Accounts } from './accounts/accounts.ts';
import type { Clients } from './clients/clients.ts';
import type { Resources } from './clients/resources.ts';
import type { Config } from './config/schema.ts';
import { ensureDashboard } from './dashboard/own-client.ts';
import { newId } from './lib/ids.ts';
import { Problem } from './lib/problem.ts';
import type { Vault } from './lib/seal.ts';
import { marksCollection } from './store/marks.ts';
import type { Store } from './store/store.ts';

const DONE = 'first-administrator';

interface Parts {
  config: Config;
  store: Store;
  accounts: Accounts;
  clients: Clients;
  resources: Resources;
  vault: Vault;
  announce(sentence: string): void;
}

/**
 * Makes what an empty server needs to be administered: its API as a resource, the client for
 * automation when one is configured, and at the very first start the first administrator.
 */
export async function ensureAdministration(parts: Parts): Promise<void> {
  const { config, store, accounts, clients, resources, announce } = parts;
  const {
    client_id,
    client_secret,
    email = 'admin@localhost.localdomain',
    password,
  } = config.admin;

  if (client_id && client_secret) {
    await clients.ensure(
      client_id,
      { type: 'server-to-server', client_name: 'Administration' },
      client_secret,
    );
  }
  await resources.ensureOwn(client_id);
  await ensureDashboard(config.issuer, parts);

  const marks = store.collection<Record<string, never>>(marksCollection);
  if (await marks.get(DONE)) return;
  const chosen = password ?? newId(128);
  // Of processes that start together one creates the account; the others find its e-mail in use.
  const created = await accounts
    .create({ email, email_verified: true, password: chosen, roles: ['owner'] })
    .catch((error) => {
      if (error instanceof Problem && error.code === 'conflict') return undefined;
      throw error;
    });
  if (created) {
    announce(
      password
        ? `The first administrator is ${email}.`
        : `The first administrator is ${email} with the password ${chosen} – it is shown this once.`,
    );
  }
  await marks.put(DONE, {});
}
