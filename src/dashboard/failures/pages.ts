import type { Page } from '../page.ts';
import { addPages } from './add.ts';
import { clientFailures } from './client.ts';
import { search } from './search.ts';

/** Why something failed: over all clients, of one, and the quickest remedy. */
export const failurePages: readonly Page[] = [search, clientFailures, ...addPages];
