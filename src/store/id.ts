/**
 * Ids and their order, the same in every store: compared exactly, sorted by UTF-8 bytes (JavaScript
 * sorts by UTF-16 units, which puts an astral character before U+E000).
 */

const LONGEST = 1024;
const LAST = 0x10ffff;

/** Whether a document can have this id; a store finds nothing under any other. */
export function isId(id: unknown): id is string {
  // A lone surrogate has no UTF-8 form: two such ids would become one on their way to a database.
  return typeof id === 'string' && id.length > 0 && id.length <= LONGEST && id.isWellFormed();
}

/** The id, for calls that create. @throws {TypeError} when no document can have it. */
export function requireId(id: string): string {
  if (isId(id)) return id;
  throw new TypeError(`An id is 1 to ${LONGEST} UTF-16 units of well-formed Unicode`);
}

/** Orders strings as their UTF-8 bytes are ordered. */
export function compareIds(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** Ids from `from` on (itself included), below `until` where there is one, but for `except`. */
export interface IdRange {
  readonly from: string;
  readonly until: string | undefined;
  readonly except: string;
}

/**
 * The ids after one id that begin with a prefix. One lower bound instead of two, because a database
 * begins its scan at one and reads row by row up to the other.
 * @returns `undefined` when no id can be among them
 */
export function idRange(after = '', prefix = ''): IdRange | undefined {
  if (!prefix.isWellFormed()) return undefined;
  const except = after.toWellFormed();
  const from = compareIds(except, prefix) > 0 ? except : prefix;
  return { from, until: afterPrefix(prefix), except };
}

/** The least string greater than all that begin with the prefix; `undefined` when there is none. */
export function afterPrefix(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0) as number);
  while (points.at(-1) === LAST) points.pop();
  const last = points.pop();
  if (last === undefined) return undefined;
  // The code points from U+D800 to U+DFFF are surrogates, which neither ids nor keys contain.
  return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1);
}
