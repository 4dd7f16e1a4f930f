/**
 * Why the engine refused, for whoever has to mend it: which value was sent, which is registered, and
 * what to do. The tables are read from above; the first row whose words the engine used has found it.
 */
import type { Client } from '../../clients/client.ts';
import { clientReasons } from './client-reasons.ts';
import { requestReasons } from './request-reasons.ts';
import type { Seen } from './seen.ts';
import { tokenReasons } from './token-reasons.ts';

export interface Reason {
  /** Stable, for programs. */
  code: string;
  /** What is wrong, in a sentence. */
  detail: string;
  /** What to do about it. */
  fix: string;
  /** The parameter or the property that it is about. */
  about?: string;
  sent?: string;
  /** What is registered in its place, the likeliest first. */
  registered?: string[];
  /** Where the sent value differs from the first registered one. */
  differs?: string[];
}

export interface Case {
  seen: Seen;
  /** As it is stored now; absent: there is none by that name. */
  client?: Client | undefined;
}

type Said = string | ((about: Case) => string);

/** A recogniser. */
export interface Row {
  code: string | ((about: Case) => string);
  /** Matched against `error: description; detail` of the engine. */
  when: RegExp;
  detail: Said;
  fix: Said;
  values?(about: Case): Partial<Pick<Reason, 'about' | 'sent' | 'registered' | 'differs'>>;
}

const rows: readonly Row[] = [...clientReasons, ...requestReasons, ...tokenReasons];

const said = (words: Said, about: Case) => (typeof words === 'string' ? words : words(about));

/** What holds when no row does: the engine's own words. */
const plain = ({ seen }: Case): Reason => ({
  code: 'other',
  detail: [seen.error_description, seen.detail].filter(Boolean).join(': ') || seen.error,
  fix: 'The log has the rest of it under the correlation id.',
});

export function reasonOf(about: Case): Reason {
  const { error, error_description = '', detail = '' } = about.seen;
  const words = `${error}: ${error_description}; ${detail}`;
  const row = rows.find(({ when }) => when.test(words));
  if (!row) return plain(about);
  return {
    code: said(row.code, about),
    detail: said(row.detail, about),
    fix: said(row.fix, about),
    ...row.values?.(about),
  };
}
