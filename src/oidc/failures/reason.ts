/**
 * Why the engine refused, for whoever has to mend it: which value was sent, which is registered, and
 * what to do. The tables are read from above; the first row whose words the engine used has found it.
 */
import type { Client } from '../../clients/client.ts';
import { fill } from '../../lib/wording.ts';
import { clientReasons } from './client-reasons.ts';
import { requestReasons } from './request-reasons.ts';
import type { Seen } from './seen.ts';
import { tokenReasons } from './token-reasons.ts';

export interface Reason {
  /** Stable, for programs. */
  code: string;
  /** Which sentence: `detail` and `fix` are its English; absent: the words are the engine's. */
  case?: string;
  /** What is wrong, in a sentence. */
  detail: string;
  /** What to do about it. */
  fix: string;
  /** What `detail` was made with: to say it in another language. */
  values?: Readonly<Record<string, string>>;
  /** The parameter or the property that it is about. */
  about?: string;
  sent?: string;
  /** What is registered in its place, the likeliest first. */
  registered?: string[];
  /** How many more are registered. */
  more?: number;
  /** Where the sent value differs from the first registered one. */
  differs?: string[];
}

export interface Case {
  seen: Seen;
  /** As it is stored now; absent: there is none by that name. */
  client?: Client | undefined;
}

/** A recogniser. */
export interface Row {
  code: string;
  /** Which sentence, of rows with the same code; absent: the code. */
  case?: string;
  /** Matched against `error: description; detail` of the engine. */
  when: RegExp;
  /** What must hold as well, where the words alone do not tell. */
  and?(about: Case): boolean;
  /** With `{name}` where a value stands. */
  detail: string;
  fix: string;
  /** The values of `detail`; `words` are the engine's. */
  with?(about: Case): Readonly<Record<string, string>>;
  values?(about: Case): Partial<Pick<Reason, 'about' | 'sent' | 'registered' | 'more' | 'differs'>>;
}

export const reasons: readonly Row[] = [...clientReasons, ...requestReasons, ...tokenReasons];

export const caseOf = (row: Row): string => row.case ?? row.code;

/** What holds when no row does: the engine's own words. */
const plain = ({ seen }: Case): Reason => ({
  code: 'other',
  detail: [seen.error_description, seen.detail].filter(Boolean).join(': ') || seen.error,
  fix: 'The log has the rest of it under the correlation id.',
});

export function reasonOf(about: Case): Reason {
  const { error, error_description = '', detail = '' } = about.seen;
  const words = `${error}: ${error_description}; ${detail}`;
  const row = reasons.find(({ when, and }) => when.test(words) && (and?.(about) ?? true));
  if (!row) return plain(about);
  const values = row.with?.(about);
  return {
    code: row.code,
    case: caseOf(row),
    detail: fill(row.detail, values ?? {}),
    fix: row.fix,
    ...(values && { values }),
    ...row.values?.(about),
  };
}
