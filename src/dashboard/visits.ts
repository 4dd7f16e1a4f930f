import type { Context } from 'koa';
import type { Accounts } from '../accounts/accounts.ts';
import type { Loopback } from '../lib/loopback.ts';
import { epoch } from '../lib/time.ts';
import { scopesOfRoles } from '../oidc/tokens.ts';
import type { Cookies } from './cookies.ts';
import { createRest, type Rest } from './rest.ts';
import type { Session, Sessions } from './sessions.ts';
import type { SignIn } from './sign-in.ts';

/** Somebody who is signed in, and what they may do at this moment. */
export interface Visitor {
  id: string;
  session: Session;
  scopes: ReadonlySet<string>;
  rest: Rest;
  /** What is looked at is the dashboard's own client, which is not changed from here. */
  own?: true;
}

/** To change the client that the dashboard is would shut everybody out of it: they may only look. */
export const sparing = (visitor: Visitor): Visitor => ({
  ...visitor,
  scopes: new Set([...visitor.scopes].filter((scope) => scope.endsWith(':read'))),
  own: true,
});

export interface Visits {
  /** Who this is; undefined when nobody, or nobody any more. */
  of(ctx: Context): Promise<Visitor | undefined>;
  keep(visitor: Visitor, changes: Partial<Session>): Promise<void>;
  end(visitor: Visitor): Promise<void>;
}

interface VisitsParts {
  base: string;
  accounts: Accounts;
  cookies: Cookies;
  sessions: Sessions;
  signIn: SignIn;
  send: Loopback;
}

/** Seconds before its end at which an access token is replaced. */
const AHEAD = 60;
/** Seconds after which a request is worth writing down. */
const NOTED = 60;

export function createVisits(parts: VisitsParts): Visits {
  const { base, accounts, cookies, sessions, signIn, send } = parts;
  /** Requests of one page that arrive together use a refresh token once. */
  const renewing = new Map<string, Promise<Session | undefined>>();

  async function renew(id: string, session: Session): Promise<Session | undefined> {
    const renewed = await signIn.renew(session);
    if (renewed) await sessions.keep(id, renewed);
    else await sessions.end(id);
    return renewed;
  }

  async function current(id: string): Promise<Session | undefined> {
    const session = await sessions.find(id);
    const now = epoch();
    if (!session) return undefined;
    if (session.expires - AHEAD > now) {
      if (now - session.seen > NOTED) await sessions.keep(id, { ...session, seen: now });
      return session;
    }
    const running = renewing.get(id) ?? renew(id, session).finally(() => renewing.delete(id));
    renewing.set(id, running);
    return running;
  }

  return {
    async of(ctx) {
      const id = cookies.get(ctx, 'session');
      const session = id && (await current(id));
      if (!id || !session) return undefined;
      const account = await accounts.find(session.accountId);
      if (!account || account.disabled) return undefined;
      return {
        id,
        session: { ...session, name: account.claims.name ?? account.email },
        scopes: new Set<string>(scopesOfRoles(account.roles)),
        rest: createRest(send, base, session.accessToken),
      };
    },
    async keep({ id }, changes) {
      // Read anew: another request may have renewed the tokens meanwhile, or signed out.
      const session = await sessions.find(id);
      if (!session) return;
      const { flash: _flash, once: _once, ...rest } = session;
      await sessions.keep(id, { ...rest, ...changes });
    },
    end: ({ id }) => sessions.end(id),
  };
}
