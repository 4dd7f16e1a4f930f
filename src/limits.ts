/**
 * What is limited, and by what each limit counts. How limits work stands in src/store/limit.ts; the
 * rates are the configuration's section `limits`.
 *
 * A page or a route is given the guard that it needs and says who it is about:
 *
 *     const wait = guard.wait(who);                 // memory alone: costs nothing
 *     if (wait > 0) …                               // 429, Retry-After: wait, nothing is looked at
 *     const end = guard.begin(who);                 // where attempts take time
 *     try { … await guard.hit(who); … } finally { end(); }
 *
 * `login` and `device` count failures, `poll` what came too early to be answered, `registration`, `reset`, `verify`, `sign_up` and `approval` every use: there `hit`
 * follows `wait` at once. Give `ip` as `ctx.ip`: it is X-Forwarded-For's only with http.trust_proxy.
 *
 * Nobody is locked out for good. An address that fails shuts out itself: a person elsewhere has a
 * counter of their own (`account_ip`), and so has a client. Only the limits of an account over all
 * addresses can be filled by strangers; they only delay (their window ends by itself, and refused
 * attempts do not count), and a browser that has signed in before is counted apart from strangers.
 */
import { emailKey } from './accounts/account.ts';
import type { Config } from './config/schema.ts';
import { networkOf } from './lib/ip.ts';
import { createGuard, type Guard, type Row } from './lib/limit.ts';
import { createLimit } from './store/limit.ts';
import type { Store } from './store/store.ts';

/** Whom a guard is asked about. */
export interface Whos {
  /** `email` as it was typed; `device` names a browser that has signed in to this account before. */
  login: { email: string; ip: string; device?: string | undefined };
  client: { clientId: string; ip: string };
  registration: { ip: string };
  reset: { email: string; ip: string };
  verify: { email: string; ip: string };
  sign_up: { email: string; ip: string };
  /** `account`: the id of who is signed in, when somebody is. */
  device: { ip: string; account?: string | undefined };
  /** `account`: the id of whose approval a client asks for. */
  approval: { clientId: string; account: string };
  /** `code`: a device code, or the auth_req_id of a back-channel request. */
  poll: { code: string };
}

export type Limits = { readonly [Name in keyof Whos]: Guard<Whos[Name]> } & { close(): void };

type Keys<Who> = Readonly<Record<string, (who: Who) => readonly string[] | undefined>>;

const ip = (who: { ip: string }) => [networkOf(who.ip)];
const email = (who: { email: string }) => [emailKey(who.email)];
const account = ({ email, device }: Whos['login']) => [
  emailKey(email),
  ...(device === undefined ? [] : [device]),
];

/** By what each limit counts; the narrowest first. */
const keys = {
  login: {
    account_ip: (who) => [networkOf(who.ip), ...account(who)],
    account,
    ip,
  },
  client: { client_ip: (who) => [who.clientId, networkOf(who.ip)], ip },
  registration: { ip },
  reset: { email, ip },
  verify: { email, ip },
  sign_up: { email, ip },
  device: { account: (who) => (who.account === undefined ? undefined : [who.account]), ip },
  approval: {
    account_client: (who) => [who.account, who.clientId],
    account: (who) => [who.account],
  },
  poll: { code: (who) => [who.code] },
} satisfies { [Name in keyof Whos]: Keys<Whos[Name]> };

/**
 * Clients poll every five seconds when they are told nothing else (RFC 8628, section 3.2; OpenID
 * Connect CIBA Core 1.0, section 7.3). A second less is theirs: what left on time may arrive on the
 * heels of what was late.
 */
const poll = { code: { max: 1, per: 4 } };

/** @param configured rates by the same names */
export function createLimits(store: Store, configured: Config['limits']): Limits {
  const rates = { ...configured, poll };
  const guard = <Name extends keyof Whos>(name: Name): Guard<Whos[Name]> => {
    const rows = Object.entries(keys[name] as Keys<Whos[Name]>).map(
      ([key, keyOf]): Row<Whos[Name]> => {
        const rate = (rates[name] as Record<string, { max: number; per: number }>)[key]!;
        return [createLimit(store, { name: `${name}.${key}`, ...rate }), keyOf];
      },
    );
    return createGuard(rows);
  };
  const guards = {
    login: guard('login'),
    client: guard('client'),
    registration: guard('registration'),
    reset: guard('reset'),
    verify: guard('verify'),
    sign_up: guard('sign_up'),
    device: guard('device'),
    approval: guard('approval'),
    poll: guard('poll'),
  };
  return {
    ...guards,
    close() {
      for (const each of Object.values(guards)) each.close();
    },
  };
}

/** Whether another e-mail may be sent, which then counts: seconds to wait, or 0. */
export const mailAllowance =
  (limits: Pick<Limits, 'reset' | 'verify' | 'sign_up'>) =>
  async (kind: 'reset' | 'verify' | 'sign_up', email: string, ip: string): Promise<number> => {
    const wait = limits[kind].wait({ email, ip });
    if (wait === 0) await limits[kind].hit({ email, ip });
    return wait;
  };
