import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import type { Context } from 'koa';
import { emailKey } from '../accounts/account.ts';
import { newId } from '../lib/ids.ts';
import { basePath } from './issuer.ts';

/**
 * Browsers that have signed in to an account before, so that strangers who use up the attempts on
 * an account do not use up those of its owner (OWASP, "Slow Down Online Guessing Attacks with Device
 * Cookies"). The cookie signs nobody in; whoever steals it gets attempts counted under its name.
 */
export interface KnownDevices {
  /** The name of this browser, if it has signed in with this e-mail. */
  of(ctx: Context, email: string): string | undefined;
  /** Gives the browser its name, after it has signed in. */
  remember(ctx: Context, email: string): void;
}

const YEAR_MS = 31_536_000_000;

/** @param key 32 bytes that are used for nothing else */
export function createKnownDevices(key: Buffer, issuer: string): KnownDevices {
  const prepared = createSecretKey(key);
  const secure = issuer.startsWith('https:');
  const name = secure ? '__Secure-known-device' : 'known-device';
  const path = `${basePath(issuer)}/interaction`;
  const sign = (id: string, email: string) =>
    createHmac('sha256', prepared)
      .update(`${id}\n${emailKey(email)}`)
      .digest('base64url');

  const of: KnownDevices['of'] = (ctx, email) => {
    const [id = '', mac = ''] = ctx.cookies.get(name)?.split('.') ?? [];
    const [given, expected] = [Buffer.from(mac), Buffer.from(sign(id, email))];
    return given.length === expected.length && timingSafeEqual(given, expected) ? id : undefined;
  };

  return {
    of,
    remember(ctx, email) {
      const id = of(ctx, email) ?? newId();
      ctx.cookies.set(name, `${id}.${sign(id, email)}`, {
        path,
        secure,
        httpOnly: true,
        sameSite: 'lax',
        maxAge: YEAR_MS,
        signed: false,
      });
    },
  };
}
