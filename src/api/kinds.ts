import { z } from 'zod';
import { type Account, type AccountInput, emailKey } from '../accounts/account.ts';
import { accountView } from '../accounts/view.ts';
import { type Client, clientStates } from '../clients/client.ts';
import type { Resource } from '../clients/resource.ts';
import { type ClientSearch, clientSorts } from '../clients/search.ts';
import { listUnused, redirectUrisUnusedSince, unusedSince } from '../clients/unused.ts';
import { clientTypes, profileNames } from '../clients/values.ts';
import type { Entry } from '../store/store.ts';
import type { ApiParts } from './api.ts';
import { audited } from './audited.ts';
import {
  ClientInputView,
  ClientPatchView,
  ClientView,
  clientIdOf,
  clientView,
  readOnlyOfClient,
} from './client-view.ts';
import type { Kind } from './crud.ts';
import * as show from './representation.ts';

const entryOf = async <T>(entry: Promise<Entry<T>>) => ({ entry: await entry });

const word = z.string().min(1).max(256);

const second = z.coerce.number().int().min(0).max(253_402_300_799).optional();

const ClientQuery = show.PageQuery.extend({
  q: z
    .string()
    .max(256)
    .optional()
    .describe('Beginnings of words of the name, of the id, of a tag or of a redirect host'),
  type: z.enum(clientTypes).optional(),
  profile: z.enum([...profileNames, 'none']).optional(),
  party: z.enum(['first', 'third']).optional(),
  origin: z.enum(['api', 'file', 'registration', 'server']).optional(),
  tag: word.optional(),
  redirect_host: word.optional(),
  state: z.enum(clientStates).optional(),
  credentials_expire_before: second.describe(
    'Seconds since the epoch: all of its secrets, or registered certificates, end before, or have ended',
  ),
  unused_since: second.describe(
    'Seconds since the epoch: neither used nor made since. A page may hold fewer',
  ),
  redirect_uris_unused_since: second.describe(
    'Seconds since the epoch: used since, but not with each redirect URI. A page may hold fewer',
  ),
  sort: z
    .enum(clientSorts)
    .default('client_id')
    .describe('By `credentials_expire` only those come whose credentials end'),
  include: z
    .enum(['last_used'])
    .optional()
    .describe('What an item has beyond what the list knows; each costs a look elsewhere'),
});

/** What of a search the clients themselves do not tell; seconds since the epoch. */
interface Unused {
  unused_since?: number;
  redirect_uris_unused_since?: number;
}

const AccountQuery = show.PageQuery.extend({
  q: z
    .string()
    .max(254)
    .optional()
    .describe('Beginnings of words of the name, of the e-mail, or its domain: @example.com'),
});

const writableClient = show.dropping(readOnlyOfClient);

/** Another address is not verified because the one before it was. */
function unverified(before: Account, patch: unknown): unknown {
  const { email, email_verified } = (patch ?? {}) as Partial<AccountInput>;
  const moved = typeof email === 'string' && emailKey(email) !== before.email_key;
  return moved && email_verified === undefined
    ? { ...(patch as object), email_verified: false }
    : patch;
}

/** The kinds of documents that the API manages all alike. */
export function kinds({
  clients,
  accounts,
  resources,
  audit,
  usage,
  endClient,
  sessions,
  grants,
}: ApiParts): {
  client: Kind<Client>;
  account: Kind<Account>;
  resource: Kind<Resource>;
} {
  const { validator } = clients;
  const client: Kind<Client> = {
    plural: 'clients',
    singular: 'client',
    id: 'client_id',
    view: ClientView,
    input: ClientInputView,
    patch: ClientPatchView,
    query: ClientQuery,
    show: async (entry, secret) => clientView(validator, entry, secret, await usage.get(entry.id)),
    showListed: async (entry, { include }) =>
      clientView(validator, entry, undefined, include ? await usage.get(entry.id) : {}),
    writable: writableClient,
    list({ unused_since, redirect_uris_unused_since, ...search }: ClientSearch & Unused) {
      const judges = [
        ...(unused_since === undefined ? [] : [unusedSince(unused_since)]),
        ...(redirect_uris_unused_since === undefined
          ? []
          : [redirectUrisUnusedSince(redirect_uris_unused_since)]),
      ];
      if (judges.length === 0) return clients.list(search);
      return listUnused({ clients, usage }, search, judges);
    },
    get: clients.get,
    create: (input, actor) =>
      clients.create(writableClient(input), { actor, ...clientIdOf(input) }),
    replace: clients.replace,
    async delete(id, actor) {
      await clients.delete(id, actor);
      await endClient(id);
    },
  };
  const account: Kind<Account> = {
    plural: 'accounts',
    singular: 'account',
    id: 'id',
    view: show.AccountView,
    input: show.AccountInputView,
    patch: show.AccountPatchView,
    query: AccountQuery,
    show: accountView,
    writable: show.writable.account,
    complete: unverified,
    list: accounts.list,
    get: accounts.get,
    create: (input) => entryOf(accounts.create(input)),
    replace: (id, input, _actor, version) => entryOf(accounts.replace(id, input, version)),
    async delete(id) {
      await accounts.delete(id);
      await sessions.endAll(id);
      await grants.forget(id);
    },
  };
  const resource: Kind<Resource> = {
    plural: 'resources',
    singular: 'resource',
    id: 'id',
    view: show.ResourceView,
    input: show.ResourceInputView,
    patch: show.ResourcePatchView,
    show: show.resourceView,
    writable: show.writable.resource,
    list: resources.list,
    get: resources.get,
    create: (input) => entryOf(resources.create(input)),
    replace: (id, input, _actor, version) => entryOf(resources.replace(id, input, version)),
    delete: resources.delete,
  };
  return {
    client,
    account: audited(audit, 'account', account),
    resource: audited(audit, 'resource', resource),
  };
}
