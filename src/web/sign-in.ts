import type { Context } from 'koa';
import type { Accounts } from '../accounts/accounts.ts';
import type { Guard } from '../lib/limit.ts';
import type { Log } from '../lib/log.ts';
import type { KnownDevices } from './known-device.ts';

/** Who it is, or why nobody is told. */
export type SignedIn =
  | { readonly accountId: string }
  | { readonly error: 'invalid_credentials' }
  /** `retryAfter`: seconds until another attempt is looked at. */
  | { readonly error: 'too_many_attempts'; readonly retryAfter: number };

/** Every way to sign in with a password goes through here: one that did not would be unlimited. */
export type SignIn = (ctx: Context, email: string, password: string) => Promise<SignedIn>;

/**
 * While an attempt is refused its password is not verified, so the answer tells nothing of it; and
 * accounts that do not exist are limited as those that do.
 */
export function createSignIn(
  accounts: Accounts,
  guard: Guard<{ email: string; ip: string; device?: string | undefined }>,
  devices: KnownDevices,
  log: Log,
): SignIn {
  return async (ctx, email, password) => {
    const who = { email, ip: ctx.ip, device: devices.of(ctx, email) };
    const retryAfter = guard.wait(who);
    if (retryAfter > 0) {
      // Whose account it is stays out of the log: what was typed may be anybody's, or a password.
      log.info({ id: ctx.state.id, ip: who.ip, retry_after: retryAfter }, 'login.limited');
      return { error: 'too_many_attempts', retryAfter };
    }
    const end = guard.begin(who);
    try {
      const accountId = await accounts.authenticate(email, password);
      if (accountId === undefined) {
        await guard.hit(who);
        return { error: 'invalid_credentials' };
      }
      await guard.clear(who);
      devices.remember(ctx, email);
      return { accountId };
    } finally {
      end();
    }
  };
}
