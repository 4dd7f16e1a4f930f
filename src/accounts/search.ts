/** What accounts are found by: beginnings of words of the e-mail and of names. */
import { folded, wordsOf } from '../lib/words.ts';
import type { Condition } from '../store/store.ts';
import type { Account } from './account.ts';

export type StoredAccount = Account & { terms: string[] };

/** Grows when `withTerms` makes other terms, so that stored accounts are given them. */
export const TERMS_VERSION = 1;

/** UTF-16 units of a term that count. */
const MAX_TERM = 100;
/** Of an account; more than any name has words. */
const MAX_TERMS = 60;
/** More words than anyone types; each costs a look into the index. */
const MAX_WORDS = 8;

const names = [
  'name',
  'given_name',
  'family_name',
  'middle_name',
  'nickname',
  'preferred_username',
] as const;

/** As people type them: O’Brien is found by itself and by Brien. */
const typed = (text: string): string[] => folded(text).split(/[\s,;]+/);

const cut = (term: string) => term.slice(0, MAX_TERM);

/** The address, its domain with the `@`, and the words before it; then the words of the names. */
function termsOf({ email_key, claims }: Account): string[] {
  const at = email_key.lastIndexOf('@');
  const texts = names.flatMap((name) => claims[name] ?? []);
  const all = [
    email_key,
    email_key.slice(at),
    ...wordsOf(email_key.slice(0, at)),
    ...texts.flatMap((text) => [...typed(text), ...wordsOf(text)]),
  ];
  const sorted = [...new Set(all.filter(Boolean).map(cut))].sort();
  // Whatever begins a term begins those that it begins: one of them is enough to be found.
  return sorted.filter((term, i) => !sorted[i + 1]?.startsWith(term)).slice(0, MAX_TERMS);
}

/** The document that is stored: the account, and what it is found by. */
export const withTerms = (account: Account): StoredAccount => ({
  ...account,
  terms: termsOf(account),
});

/** Each word that was typed must begin a term. */
export const conditionsOf = (q: string): Condition[] =>
  [...new Set(typed(q).filter(Boolean))]
    .slice(0, MAX_WORDS)
    .map((word) => ({ index: 'terms', begins: cut(word) }));
