/**
 * SQL that is put together: its text and, apart from it, the values of its parameters. A value can
 * get into a statement only as one of these.
 */

import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';
import { lazy } from '../lib/lazy.ts';
import { Recent } from '../lib/recent.ts';

export interface Sql {
  readonly text: string;
  readonly values: readonly SQLInputValue[];
}

/** Statements kept prepared, at least. */
const KEPT = 100;

/** A template whose parts are SQL, which is put in, or values, which become parameters. */
export function sql(texts: TemplateStringsArray, ...parts: readonly (Sql | SQLInputValue)[]): Sql {
  const all = parts.map((part) => (isSql(part) ? part : { text: '?', values: [part] }));
  return {
    text: texts.reduce((text, next, i) => text + all[i - 1]?.text + next),
    values: all.flatMap(({ values }) => values),
  };
}

/** Text of this program's own as SQL: a name that was checked, a keyword. */
export const raw = (text: string): Sql => ({ text, values: [] });

/** One after another with something between them. */
export function joined(parts: readonly Sql[], separator: string): Sql {
  return {
    text: parts.map(({ text }) => text).join(separator),
    values: parts.flatMap(({ values }) => values),
  };
}

/** A statement that is prepared when it is run first: most of them never are, and each takes memory. */
export const prepared = (db: DatabaseSync, text: string): (() => StatementSync) =>
  lazy(() => db.prepare(text));

/** Runs what is asked, each text prepared once. */
export function createStatements(db: DatabaseSync) {
  const prepared = new Recent<string, StatementSync>(KEPT);
  return ({ text, values }: Sql): Record<string, SQLOutputValue>[] => {
    const statement = prepared.get(text) ?? db.prepare(text);
    prepared.set(text, statement);
    return statement.all(...values);
  };
}

function isSql(part: Sql | SQLInputValue): part is Sql {
  return typeof part === 'object' && part !== null && 'text' in part;
}
