import type { CollectionSpec } from './store.ts';

/** What happened once and must not happen again. */
export const marksCollection: CollectionSpec = { name: 'marks' };
