import type { Page } from '../../page.ts';
import { bulkPages } from './bulk.ts';
import { list } from './list.ts';
import { logo } from './logo.ts';

/** The list of clients. To be registered before `/clients/:id`. */
export const clientListPages: readonly Page[] = [list, ...bulkPages, logo];
