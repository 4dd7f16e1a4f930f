import { emailKey } from '../accounts/account.ts';
import type { Accounts } from '../accounts/accounts.ts';
import type { SignUp, SignUps } from '../accounts/sign-ups.ts';
import type { Tickets } from '../accounts/tickets.ts';
import { type AllowMail, type Letters, PAUSE } from './account-letters.ts';
import type { Letter } from './mail.ts';

/**
 * The e-mail that a sign-up leads to: how to go on, or, to who has an account, that there is one.
 * None when there was one a moment ago. The name that was typed in is in neither: until the link is
 * followed it is the word of a stranger.
 */
export type WriteSignUp = (signUp: SignUp, ip: string) => Promise<Letter | undefined>;

export function createSignUpLetters(parts: {
  issuer: string;
  ttl: { email_verification: number };
  accounts: Pick<Accounts, 'idOf'>;
  signUps: SignUps;
  tickets: Pick<Tickets, 'first'>;
  letters: Pick<Letters, 'reset'>;
  allow?: AllowMail | undefined;
}): WriteSignUp {
  const { issuer, ttl, accounts, signUps, tickets, letters, allow = async () => 0 } = parts;
  return async (signUp, ip) => {
    const { email, client, locale, interaction } = signUp;
    const key = emailKey(email);
    if ((await allow('sign_up', key, ip)) > 0) return undefined;
    if (!(await tickets.first('signed-up', key, PAUSE))) return undefined;
    if ((await accounts.idOf(email)) !== undefined) {
      const letter = await letters.reset(email, { ip, locale, client, interaction });
      return letter && { ...letter, kind: 'known' };
    }
    const value = await signUps.begin(signUp, ttl.email_verification);
    return {
      kind: 'welcome',
      locale,
      client,
      email,
      link: `${issuer}/account/sign-up?ticket=${value}`,
      ttl: ttl.email_verification,
    };
  };
}
