/**
 * Cursors: where a page of a query ended, as text for the caller to hand back. No secret and no
 * promise: what comes back may be anything, and is a position only if it has the exact form of one.
 */
import { keyOf } from './document.ts';
import { isId } from './id.ts';
import { CursorError } from './store.ts';

/** A place in the order of a query, after the document with this key and id. */
export interface Position {
  /** The key of the index that orders; empty where the id alone does. */
  readonly key: string;
  readonly id: string;
}

/** @param fingerprint of the query that the cursor is for */
export function cursorOf(fingerprint: string, { key, id }: Position): string {
  return Buffer.from(JSON.stringify([fingerprint, key, id])).toString('base64url');
}

/**
 * @param keyed whether the query's order has keys
 * @throws {CursorError} when it is no cursor of the query with this fingerprint
 */
export function positionOf(cursor: unknown, fingerprint: string, keyed: boolean): Position {
  const [made, key, id] = membersOf(cursor);
  if (made !== fingerprint || !isId(id)) throw new CursorError();
  if (!isKey(key) || (!keyed && key !== '')) throw new CursorError();
  const position = { key, id };
  // The one text that stands for it: no other alphabet, no further members.
  if (cursorOf(fingerprint, position) !== cursor) throw new CursorError();
  return position;
}

function membersOf(cursor: unknown): readonly unknown[] {
  try {
    const members: unknown = JSON.parse(Buffer.from(cursor as string, 'base64url').toString());
    return Array.isArray(members) ? members : [];
  } catch {
    return [];
  }
}

/** Whether it is a key as `keyOf` makes them. */
function isKey(key: unknown): key is string {
  if (typeof key !== 'string') return false;
  try {
    return keyOf(JSON.parse(`"${key}"`)) === key;
  } catch {
    return false;
  }
}
