import type { Page } from '../page.ts';
import { convertPages } from './convert.ts';
import { deletePages } from './delete.ts';
import { editPages } from './edit.ts';
import { historyPages } from './history.ts';
import { overviewPages } from './overview.ts';
import { secretPages } from './secrets.ts';

/** Everything about one client. */
export const clientPages: readonly Page[] = [
  ...overviewPages,
  ...editPages,
  ...secretPages,
  ...historyPages,
  ...convertPages,
  ...deletePages,
];
