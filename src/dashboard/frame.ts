import type { Context } from 'koa';
import type { Renderer } from '../web/render.ts';
import { setPageHeaders } from '../web/security-headers.ts';
import { navigation } from './navigation.ts';
import type { View } from './page.ts';
import type { Visitor } from './visits.ts';

/** What every page of the dashboard has around it. */
export interface Frame {
  localeOf(ctx: Context): string;
  text(locale: string, key: string, parameters?: Readonly<Record<string, unknown>>): string;
  /** Answers with a page. @param visitor absent: nobody is signed in, there is nothing to navigate */
  show(ctx: Context, view: View, visitor?: Visitor & { csrf: string }): void;
}

export function createFrame({
  issuer,
  base,
  renderer,
}: {
  issuer: string;
  base: string;
  renderer: Renderer;
}): Frame {
  const localeOf: Frame['localeOf'] = (ctx) =>
    renderer.languages.negotiate(undefined, ctx.get('accept-language'));

  return {
    localeOf,
    text: (locale, key, parameters) =>
      renderer.languages.speech(locale).text(`dashboard.${key}`, parameters ?? {}),
    show(ctx, { view, model, status = 200 }, visitor) {
      setPageHeaders(ctx, { issuer, scripts: true, standalone: true });
      const path = ctx.path;
      ctx.status = status;
      ctx.type = 'html';
      ctx.set('Vary', 'Accept-Language');
      ctx.body = renderer.view(`dashboard/${view}`, localeOf(ctx), {
        ...model,
        base,
        path,
        here: ctx.url,
        ...(visitor && {
          csrf: visitor.csrf,
          who: visitor.session.name,
          flash: visitor.session.flash,
          ownClient: visitor.own,
          may: Object.fromEntries([...visitor.scopes].map((scope) => [scope, true])),
          navigation: navigation
            .filter(({ scope }) => visitor.scopes.has(scope))
            .map((entry) => ({
              ...entry,
              current:
                path === entry.path ||
                (entry.path !== '/dashboard' && path.startsWith(`${entry.path}/`)),
            })),
        }),
      });
    },
  };
}
