import type { Account } from '../accounts/account.ts';
import { emailKey } from '../accounts/account.ts';
import type { Recovery } from '../accounts/recovery.ts';
import type { Tickets } from '../accounts/tickets.ts';
import type { Config } from '../config/schema.ts';
import type { Entry } from '../store/store.ts';
import type { Letter } from './mail.ts';

/** Limits from outside: seconds to wait before another e-mail to this address, or 0. */
export type AllowMail = (
  kind: 'reset' | 'verify' | 'sign_up',
  email: string,
  ip: string,
) => Promise<number>;

/** Where an e-mail was asked for. */
export interface Occasion {
  /** The address that it was asked for from, or who asked where that is an administrator. */
  ip: string;
  /** The language that the page was in. */
  locale: string;
  /** The client that the person came from. */
  client?: string | undefined;
  /** The interaction to go on with when the link has been followed. */
  interaction?: string | undefined;
}

/** Who may be sent which e-mail. Each answers nothing when none is to be sent. */
export interface Letters {
  /** To whomever this address belongs: at most one a minute. */
  reset(email: string, at: Occasion): Promise<Letter | undefined>;
  /** The same e-mail because an administrator asks, under the same limits: or how long to wait. */
  resetFor(entry: Entry<Account>, at: Occasion): Promise<{ letter: Letter } | { wait: number }>;
  /** Whether an e-mail to verify may be sent: at most one in so many seconds. */
  mayVerify(account: Account, ip: string, seconds: number): Promise<boolean>;
  verify(id: string, account: Account, at: Occasion): Promise<Letter>;
}

/** Seconds between two e-mails that a person asks for. */
export const PAUSE = 60;

export function createLetters(parts: {
  issuer: string;
  ttl: Config['ttl'];
  recovery: Recovery;
  tickets: Tickets;
  allow?: AllowMail | undefined;
}): Letters {
  const { issuer, ttl, recovery, tickets, allow = async () => 0 } = parts;

  async function write(
    kind: 'reset' | 'verify',
    id: string,
    account: Account,
    { ip: _, ...at }: Occasion,
  ): Promise<Letter> {
    const lifetime = kind === 'reset' ? ttl.password_reset : ttl.email_verification;
    const { email, claims } = account;
    const ticket = await tickets.issue(kind, account, { account: id, email, ...at }, lifetime);
    return {
      kind,
      locale: at.locale,
      client: at.client,
      email,
      name: claims.name,
      // The issuer, whatever the request called this server.
      link: `${issuer}/account/${kind}?ticket=${ticket}`,
      ttl: lifetime,
    };
  }

  return {
    async reset(email, at) {
      if ((await allow('reset', emailKey(email), at.ip)) > 0) return undefined;
      const entry = await recovery.find(email);
      if (!entry || !(await tickets.first('reset', entry.value.email_key, PAUSE))) return undefined;
      return write('reset', entry.id, entry.value, at);
    },
    async resetFor({ id, value: account }, at) {
      const wait = await allow('reset', account.email_key, at.ip);
      if (wait > 0) return { wait };
      if (!(await tickets.first('reset', account.email_key, PAUSE))) return { wait: PAUSE };
      return { letter: await write('reset', id, account, at) };
    },
    mayVerify: async ({ email_key }, ip, seconds) =>
      (await tickets.first('verify', email_key, seconds)) &&
      (await allow('verify', email_key, ip)) === 0,
    verify: (id, account, at) => write('verify', id, account, at),
  };
}
