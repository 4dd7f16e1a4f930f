import type { ParameterizedContext } from 'koa';
import type { Log } from '../lib/log.ts';
import type { FindBrand } from './brand.ts';
import type { Pages } from './models.ts';
import type { Renderer } from './render.ts';
import { setPageHeaders } from './security-headers.ts';

/** The part of a request's context that drawing a page needs. */
export type PageContext = Pick<ParameterizedContext, 'get' | 'query' | 'set' | 'state'> & {
  type: string;
  body: unknown;
  status: number;
};

export interface PageWriter {
  /** How a client shows itself, for a page that tells of several. */
  brandOf: FindBrand;
  /** The language that a page for this request is in. @param uiLocales as the client asked */
  localeOf(ctx: Pick<PageContext, 'get' | 'query'>, uiLocales?: string): string;
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

const one = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value);

export function createPageWriter(
  renderer: Renderer,
  brand: FindBrand,
  issuer: string,
  log: Log,
): PageWriter {
  const localeOf: PageWriter['localeOf'] = (ctx, uiLocales) =>
    renderer.languages.negotiate(
      uiLocales ?? one(ctx.query.ui_locales),
      ctx.get('accept-language'),
    );

  function draw<K extends keyof Pages>(
    ctx: PageContext,
    name: K,
    model: Pages[K],
    uiLocales?: string,
  ): void {
    const frames = 'frames' in model ? model.frames : undefined;
    setPageHeaders(ctx as never, { issuer, logo: model.client?.logo_uri, frames });
    ctx.type = 'html';
    ctx.set('Vary', 'Accept-Language');
    ctx.body = renderer.page(name, localeOf(ctx, uiLocales), model);
  }

  return {
    brandOf: brand,
    localeOf,
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
