import { accountsCollection } from './accounts/accounts.ts';
import { clientsCollection } from './clients/clients.ts';
import { resourcesCollection } from './clients/resources.ts';
import { marksCollection } from './first-start.ts';
import { artifactCollections } from './oidc/adapter.ts';
import { keysCollection } from './oidc/keys.ts';
import type { CollectionSpec } from './store/store.ts';

/** Everything that the server keeps. A store is opened with these. */
export const collections: readonly CollectionSpec[] = [
  accountsCollection,
  clientsCollection,
  resourcesCollection,
  keysCollection,
  marksCollection,
  ...artifactCollections,
];
