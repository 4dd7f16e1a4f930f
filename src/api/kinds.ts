import type { Account } from '../accounts/account.ts';
import type { Accounts } from '../accounts/accounts.ts';
import type { Client, Clients } from '../clients/clients.ts';
import type { Resource } from '../clients/resource.ts';
import type { Resources } from '../clients/resources.ts';
import type { Entry } from '../store/store.ts';
import { crudRoutes, type Kind } from './crud.ts';
import * as show from './representation.ts';
import type { Route } from './route.ts';

const entryOf = async <T>(entry: Promise<Entry<T>>) => ({ entry: await entry });

const clientIdOf = (input: unknown): string | undefined => {
  const id = typeof input === 'object' && input !== null && 'client_id' in input && input.client_id;
  return typeof id === 'string' ? id : undefined;
};

/** Every kind of document that the API manages. */
export function allRoutes(clients: Clients, accounts: Accounts, resources: Resources): Route[] {
  const client: Kind<Client> = {
    plural: 'clients',
    singular: 'client',
    id: 'client_id',
    view: show.ClientView,
    input: show.ClientInputView,
    patch: show.ClientPatchView,
    show: show.clientView,
    writable: show.writable.client,
    list: clients.list,
    get: clients.get,
    create: (input) => clients.create(show.writable.client(input), clientIdOf(input)),
    replace: clients.replace,
    delete: clients.delete,
  };
  const account: Kind<Account> = {
    plural: 'accounts',
    singular: 'account',
    id: 'id',
    view: show.AccountView,
    input: show.AccountInputView,
    patch: show.AccountPatchView,
    show: show.accountView,
    writable: show.writable.account,
    list: accounts.list,
    get: accounts.get,
    create: (input) => entryOf(accounts.create(input)),
    replace: (id, input, version) => entryOf(accounts.replace(id, input, version)),
    delete: accounts.delete,
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
    replace: (id, input, version) => entryOf(resources.replace(id, input, version)),
    delete: resources.delete,
  };
  return [...crudRoutes(client), ...crudRoutes(account), ...crudRoutes(resource)];
}
