import type { Page } from '../page.ts';
import { accountActs } from './acts.ts';
import { detail } from './detail.ts';
import { create, edit, password } from './edit.ts';
import { list } from './list.ts';

/** `/accounts/new` comes before the address of an account. */
export const accountPages: readonly Page[] = [
  list,
  ...create,
  detail,
  ...edit,
  ...password,
  ...accountActs,
];
