import { Document, isMap, isScalar } from 'yaml';
import type { Client } from '../clients/client.ts';
import type { Clients } from '../clients/clients.ts';
import type { ClientSearch } from '../clients/search.ts';
import { needsSecret } from '../clients/secrets.ts';
import type { Entry } from '../store/store.ts';
import { brief } from './brief.ts';
import { eachClient } from './plan.ts';

const HEAD = ` Clients of a Clientele server; docs/clients-as-files.md tells what may stand here.
 "clientele clients diff FILE" shows what this file would change, "clientele clients apply FILE" does it.
 What follows from the type, the profile and the defaults is left out; so are secrets, always.`;

const SECRETS = ` secrets: are not exported; without this key those in the store stay as they are`;

export interface ExportOptions extends Pick<ClientSearch, 'type' | 'tag'> {
  /** Clients that registered themselves, or that the server made for itself, as well. */
  all: boolean;
}

const isOurs = ({ value }: Entry<Client>) =>
  value.origin.via !== 'registration' && value.origin.via !== 'server';

/** A file of the clients that are stored, in the order of their ids: the same bytes for the same clients. */
export async function exportClients(
  clients: Clients,
  { all, ...search }: ExportOptions,
): Promise<string> {
  const entries: [string, unknown][] = [];
  const holders = new Set<string>();
  for await (const entry of eachClient(clients, { ...search, sort: 'client_id' })) {
    if (!all && !isOurs(entry)) continue;
    entries.push([entry.id, brief(clients.validator, entry.value.metadata)]);
    if (needsSecret(entry.value.metadata)) holders.add(entry.id);
  }
  const doc = new Document(
    new Map<string, unknown>([
      ['version', 1],
      ['clients', new Map(entries)],
    ]),
    { aliasDuplicateObjects: false },
  );
  doc.commentBefore = HEAD;
  const node = doc.get('clients');
  if (isMap(node)) {
    for (const { key, value } of node.items) {
      if (isMap(value) && isScalar(key) && holders.has(String(key.value))) value.comment = SECRETS;
    }
  }
  return doc.toString({ lineWidth: 0 });
}
