import type { Context } from 'koa';
import type { Cookies } from './cookies.ts';

/** What the browser keeps, sealed, while the person is at the authorization endpoint. */
export interface Pending {
  state: string;
  nonce: string;
  verifier: string;
  /** Where to go on; a path below the dashboard. */
  to: string;
  /** What was posted when nobody was signed in any more is gone, which is said afterwards. */
  lost?: true;
  /** When it began, seconds since the epoch. */
  begun: number;
  /** Seconds before it at which the person may have shown who they are. */
  maxAge: number;
}

/** Sign-ins that have begun in a browser. Each has a cookie, since tabs do not know of each other. */
export interface PendingSignIns {
  begin(ctx: Context, pending: Pending): void;
  /** The one that an answer belongs to; undefined when it began in no tab of this browser. */
  find(ctx: Context, state: unknown): Pending | undefined;
  end(ctx: Context, state: string): void;
}

/** Characters of all of them together, far below what servers and proxies take as headers. */
const ROOM = 6000;

const PREFIX = 'pending-';

export function createPendingSignIns(cookies: Cookies): PendingSignIns {
  const nameOf = (state: string) => PREFIX + state;

  /** Those that were given up, oldest first, until there is room again. */
  function makeRoom(ctx: Context): void {
    const begun = (name: string) => cookies.open<Pending>(ctx, name)?.begun ?? 0;
    const lengths = cookies.lengths(ctx, PREFIX);
    let taken = [...lengths.values()].reduce((sum, length) => sum + length, 0);
    const oldest = [...lengths].sort(([one], [two]) => begun(one) - begun(two));
    for (const [name, length] of oldest) {
      if (taken <= ROOM) break;
      cookies.clear(ctx, name);
      taken -= length;
    }
  }

  return {
    begin(ctx, pending) {
      makeRoom(ctx);
      cookies.seal(ctx, nameOf(pending.state), pending);
    },
    find(ctx, state) {
      if (typeof state !== 'string') return undefined;
      const pending = cookies.open<Pending>(ctx, nameOf(state));
      return pending?.state === state ? pending : undefined;
    },
    end: (ctx, state) => cookies.clear(ctx, nameOf(state)),
  };
}
