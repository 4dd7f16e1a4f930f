import type { RouterContext } from '@koa/router';
import { readBody, TooLargeError } from '../lib/body.ts';
import { newId } from '../lib/ids.ts';
import type { Vault } from '../lib/seal.ts';
import { createCsrf } from '../web/csrf.ts';
import type { Session } from './sessions.ts';

/** The whole of a client's metadata fits into a form. */
const LIMIT = 1_048_576;

/** More than the largest form has, and few enough for what looks at each to be quick. */
const PARAMETERS = 2000;

export interface Forms {
  /** What the forms of one page of this session carry as `csrf`; another page has another. */
  token(session: Session): string;
  /** What was posted; undefined when it came from no form of this session. @throws {TooLargeError} */
  read(ctx: RouterContext, session: Session): Promise<URLSearchParams | undefined>;
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

  const bound = ({ forms }: Session, page: string) => `${forms} ${page}`;

  function isOwn(session: Session, token: string): boolean {
    const [page = '', proof] = token.split('.');
    return csrf.valid(bound(session, page), proof);
  }

  return {
    token(session) {
      const page = newId();
      return `${page}.${csrf.token(bound(session, page))}`;
    },
    async read(ctx, session) {
      if (isForeign(ctx)) return undefined;
      const form = new URLSearchParams(await readBody(ctx.req, LIMIT));
      if (form.size > PARAMETERS) throw new TooLargeError(`more than ${PARAMETERS} parameters`);
      return isOwn(session, form.get('csrf') ?? '') ? form : undefined;
    },
  };
}
