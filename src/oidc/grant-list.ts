import { type Collection, type Condition, CursorError } from '../store/store.ts';
import type { AccountGrant } from './grants.ts';

/** What one client may do for an account that is named. */
export type GrantOf = AccountGrant & { accountId: string };

export interface GrantQuery {
  /** An account's id. */
  account?: string;
  client?: string;
  /** The `next` of the page before. */
  after?: string;
  limit?: number;
}

export interface GrantPage {
  grants: GrantOf[];
  next?: string;
}

/** A document that belongs to an account and is found by it and by its client. */
type Owned = Pick<Collection<{ account?: string }>, 'query'>;

type Place = readonly [account: string, client: string];

const cursorOf = (place: Place): string => Buffer.from(JSON.stringify(place)).toString('base64url');

/** Sorts after every client's id. */
const LAST = '\uffff';

/** @throws {CursorError} */
function placeOf(cursor: string): Place {
  try {
    const place: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    const whole = Array.isArray(place) && place.length === 2;
    if (whole && place.every((part) => typeof part === 'string')) return place as never;
  } catch {
    // Refused below, as what is no place is.
  }
  throw new CursorError();
}

/** At most `count` accounts that have documents, in descending order, below one. */
async function accountsBelow(
  collection: Owned,
  below: string | undefined,
  client: string | undefined,
  count: number,
): Promise<string[]> {
  const found: string[] = [];
  for (let last = below; found.length < count; ) {
    const where: Condition[] = [
      ...(last === undefined ? [] : [{ index: 'account', below: last }]),
      ...(client === undefined ? [] : [{ index: 'client', is: client }]),
    ];
    const order = { by: 'account', descending: true };
    const { entries, next } = await collection.query({ where, order, limit: count });
    for (const { value } of entries) {
      if (value.account === undefined || value.account === last) continue;
      last = value.account;
      found.push(last);
    }
    if (next === undefined) break;
  }
  return found;
}

/**
 * The way to list grants of all accounts. What belongs to an account lies in several collections that
 * no query reads together, but each finds the next accounts; and of one account there is not much.
 * @param sources where grants are
 */
export function grantLister(
  sources: readonly Owned[],
  ofAccount: (accountId: string) => Promise<AccountGrant[]>,
): (query: GrantQuery) => Promise<GrantPage> {
  async function accountsOf(
    { account, client }: GrantQuery,
    after: Place | undefined,
    limit: number,
  ) {
    if (account !== undefined) return [account];
    const below = sources.map((source) => accountsBelow(source, after?.[0], client, limit));
    const found = new Set((await Promise.all(below)).flat());
    // Ids of accounts are ASCII: sorted here as in a store.
    const next = [...found].sort().reverse().slice(0, limit);
    return after ? [after[0], ...next] : next;
  }

  return async (query) => {
    const { client, after, limit = 50 } = query;
    const place = after === undefined ? undefined : placeOf(after);
    const accounts = await accountsOf(query, place, limit + 1);
    const all = accounts.map(async (accountId) =>
      (await ofAccount(accountId))
        .filter(({ clientId }) => client === undefined || clientId === client)
        .filter(({ clientId }) => accountId !== place?.[0] || clientId > place[1])
        .map((grant) => ({ ...grant, accountId })),
    );
    const found = (await Promise.all(all)).flat();
    const grants = found.slice(0, limit);
    const [shown, looked] = [grants.at(-1), accounts.at(-1)];
    if (shown && found.length > limit) {
      return { grants, next: cursorOf([shown.accountId, shown.clientId]) };
    }
    // What was there a moment ago may have ended: that is no reason to stop.
    if (looked !== undefined && accounts.length > limit) {
      return { grants, next: cursorOf([looked, LAST]) };
    }
    return { grants };
  };
}
