import type { RouterContext } from '@koa/router';
import { readBody } from '../lib/body.ts';
import { newId } from '../lib/ids.ts';
import type { Csrf } from './csrf.ts';

/** The forms of the account pages are far smaller. */
const FORM_LIMIT = 16_384;

/** Forms that belong to no interaction: their token is bound to the browser. */
export interface AccountForms {
  /** The token for a form, and the cookie that it is bound to. */
  token(ctx: RouterContext): string;
  /** What was posted, and whether a page of this server in this browser did it. */
  read(ctx: RouterContext): Promise<{ form: URLSearchParams; own: boolean }>;
}

/** @param issuer the address whose pages may post here */
export function createAccountForms(csrf: Csrf, issuer: string): AccountForms {
  const { origin, protocol } = new URL(issuer);
  const secure = protocol === 'https:';
  const name = secure ? '__Host-form' : 'form';
  const bound = (id: string) => `account ${id}`;

  /**
   * Browsers say `null` of a form on a page without referrer, ours included; then, as where there is
   * no such header, Sec-Fetch-Site or the token alone decides.
   */
  const isForeign = (ctx: RouterContext): boolean => {
    const [from, site] = [ctx.get('origin'), ctx.get('sec-fetch-site')];
    if (from && from !== 'null') return from !== origin;
    return site !== '' && site !== 'same-origin' && site !== 'none';
  };

  return {
    token(ctx) {
      const known = ctx.cookies.get(name, { signed: false });
      const id = known && /^[\w-]{22}$/.test(known) ? known : newId();
      if (id !== known) {
        ctx.cookies.set(name, id, {
          httpOnly: true,
          sameSite: 'lax',
          secure,
          signed: false,
          overwrite: true,
        });
      }
      return csrf.token(bound(id));
    },
    async read(ctx) {
      const form = new URLSearchParams(await readBody(ctx.req, FORM_LIMIT));
      const id = ctx.cookies.get(name, { signed: false });
      const token = form.get('csrf') ?? undefined;
      return { form, own: !isForeign(ctx) && id !== undefined && csrf.valid(bound(id), token) };
    },
  };
}
