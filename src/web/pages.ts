import type { ParameterizedContext } from 'koa';
import type { Clients } from '../clients/clients.ts';
import type { Log } from '../lib/log.ts';
import type { ClientModel, Pages } from './models.ts';
import type { Renderer } from './render.ts';
import { setPageHeaders } from './security-headers.ts';

/** The part of a request's context that drawing a page needs. */
export type PageContext = Pick<ParameterizedContext, 'get' | 'query' | 'set' | 'state'> & {
  type: string;
  body: unknown;
  status: number;
};

export interface PageWriter {
  /** Answers with a page in the person's language, with the brand of the client if there is one. */
  write<K extends Exclude<keyof Pages, 'error'>>(
    ctx: PageContext,
    name: K,
    clientId: string | undefined,
    model: Omit<Pages[K], 'client'>,
    uiLocales?: string,
  ): Promise<void>;
  /** The error page: a sentence and a correlation id. The reason goes to the log. */
  error(ctx: PageContext, code: string, clientId?: string): Promise<void>;
}

/** What pages may know of a client, and nothing else of it. */
const shown = [
  'client_name',
  'description',
  'client_uri',
  'logo_uri',
  'policy_uri',
  'tos_uri',
  'contacts',
  'extra_metadata',
] as const;

const one = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value);

export function createPageWriter(
  renderer: Renderer,
  clients: Clients,
  issuer: string,
  log: Log,
): PageWriter {
  async function brand(clientId: string | undefined): Promise<ClientModel | undefined> {
    const client = clientId === undefined ? undefined : await clients.find(clientId);
    return client && Object.fromEntries(shown.map((name) => [name, client.metadata[name]]));
  }

  function draw<K extends keyof Pages>(
    ctx: PageContext,
    name: K,
    model: Pages[K],
    uiLocales?: string,
  ): void {
    const wanted = uiLocales ?? one(ctx.query.ui_locales);
    const locale = renderer.languages.negotiate(wanted, ctx.get('accept-language'));
    setPageHeaders(ctx as never, { issuer, logo: model.client?.logo_uri });
    ctx.type = 'html';
    ctx.set('Vary', 'Accept-Language');
    ctx.body = renderer.page(name, locale, model);
  }

  return {
    async write(ctx, name, clientId, model, uiLocales) {
      draw(ctx, name, { ...model, client: await brand(clientId) } as Pages[typeof name], uiLocales);
    },
    async error(ctx, code, clientId) {
      // The page must come even when the client cannot be read, which may be why it is drawn.
      const client = await brand(clientId).catch((error) => {
        log.warn({ err: error, id: ctx.state.id }, 'no brand for the error page');
        return undefined;
      });
      draw(ctx, 'error', { code, id: ctx.state.id, time: new Date(), client });
    },
  };
}
