import type { RouterContext } from '@koa/router';
import { readBody } from '../lib/body.ts';
import type { Vault } from '../lib/seal.ts';
import { createCsrf } from '../web/csrf.ts';

/** The whole of a client's metadata fits into a form. */
const LIMIT = 1_048_576;

export interface Forms {
  /** What a form of this session carries as `csrf`. */
  token(sessionId: string): string;
  /** What was posted; undefined when it came from no form of this session. @throws {TooLargeError} */
  read(ctx: RouterContext, sessionId: string): Promise<URLSearchParams | undefined>;
}

export function createForms(issuer: string, vault: Vault): Forms {
  const { origin } = new URL(issuer);
  const csrf = createCsrf(vault.derive('dashboard csrf'));

  /** Whether a browser says that the request came from elsewhere (Fetch Metadata; RFC 6454, 7). */
  const isForeign = (ctx: RouterContext) => {
    const [from, site] = [ctx.get('origin'), ctx.get('sec-fetch-site')];
    // `null` is what this server's own pages send, since they have no referrer.
    const elsewhere = from !== '' && from !== 'null' && from !== origin;
    return elsewhere || !['', 'same-origin', 'none'].includes(site);
  };

  return {
    token: csrf.token,
    async read(ctx, sessionId) {
      if (isForeign(ctx)) return undefined;
      const form = new URLSearchParams(await readBody(ctx.req, LIMIT));
      return csrf.valid(sessionId, form.get('csrf') ?? undefined) ? form : undefined;
    },
  };
}
