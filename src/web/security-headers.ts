import type { Context } from 'koa';
import type { Part } from '../lib/by-path.ts';

/** What the headers of a page depend on. */
export interface PageHeaderOptions {
  /** The server's issuer; Strict-Transport-Security is sent when it is https. */
  readonly issuer: string;
  /** `logo_uri` of the client the page is about: its origin, and no other, may serve an image. */
  readonly logo?: string | undefined;
  /** Addresses that the page loads in frames: their origins, and no others; with a script of ours. */
  readonly frames?: readonly string[] | undefined;
  /** True for pages with a script of ours that speaks to this server, and forms that stay here. */
  readonly scripts?: boolean | undefined;
  /**
   * True for pages that no relying party leads to (account, dashboard): they cut every tie to the
   * window that opened them. See `openerPolicy` for why the others cannot.
   */
  readonly standalone?: boolean | undefined;
}

/**
 * A URL that a page may link to or load an image from; `undefined` for anything else: other
 * schemes in whatever spelling, white space, control characters and back-slashes (which parsers
 * quietly drop or turn), and user-info, which makes `https://bank@evil` look like a bank.
 */
export function httpUrl(value: unknown): URL | undefined {
  if (typeof value !== 'string' || !/^https?:\/\/[^\s\\\p{C}]+$/iu.test(value)) return undefined;
  const url = URL.parse(value);
  return url && url.username === '' && url.password === '' ? url : undefined;
}

/** A URL's host may hold `;`, `,` or `*`, which would write the policy; such an origin is left out. */
function source(address: string | undefined): string {
  const origin = httpUrl(address)?.origin;
  return origin && /^https?:\/\/[a-z0-9._-]+(:\d+)?$/.test(origin) ? ` ${origin}` : '';
}

/**
 * The policy of every page: a style sheet and images, nothing else; a page with frames may have a
 * script that goes on when they are loaded.
 *
 * `script-src` is there, and empty, on purpose. Empty allows nothing, just as 'none' does, and
 * oidc-provider appends the hash of its own script (form_post, web_message) only to a directive that
 * exists; beside a hash, 'none' would be ignored with a warning.
 *
 * There is no form-action: Chromium applies it to the redirects that follow a submission as well,
 * and those lead to the relying party and wherever it goes next.
 */
function contentSecurityPolicy({ logo, frames, scripts }: PageHeaderOptions): string {
  const framed = [...new Set(frames?.map(source))].join('');
  return [
    "default-src 'none'",
    "style-src 'self'",
    `img-src 'self'${source(logo)}`,
    ...(framed ? [`frame-src${framed}`] : []),
    "base-uri 'none'",
    "frame-ancestors 'none'",
    frames || scripts ? "script-src 'self'" : 'script-src',
    ...(scripts ? ["connect-src 'self'", "form-action 'self'"] : []),
  ].join('; ');
}

/**
 * Relying parties open sign-in in a popup and wait for a message from it, through
 * `response_mode=web_message` or through their own callback page. Any value but `unsafe-none` on a
 * page in between puts the popup into another browsing context group for good: `window.opener` is
 * null when it comes back, and the relying party sees a closed window. What `same-origin` would keep
 * an opener from doing is small here: these pages run no script, cannot be framed, and what a
 * navigation of the popup could show is what any link could show.
 */
const openerPolicy = (standalone: boolean | undefined): string =>
  standalone ? 'same-origin' : 'unsafe-none';

/** The security headers of a page, by name. */
export function pageHeaders(options: PageHeaderOptions): Record<string, string> {
  return {
    'Content-Security-Policy': contentSecurityPolicy(options),
    'X-Frame-Options': 'DENY',
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': openerPolicy(options.standalone),
    'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    // The operator decides about other hosts of the domain, so no includeSubDomains.
    ...(options.issuer.startsWith('https:') && {
      'Strict-Transport-Security': 'max-age=31536000',
    }),
  };
}

/** Sets the headers of one page, replacing those the middleware set; for pages that show a logo. */
export function setPageHeaders(ctx: Context, options: PageHeaderOptions): void {
  ctx.set(pageHeaders(options));
  ctx.set('Cache-Control', 'no-store');
}

/**
 * Every response begins with the headers of a page, set before the rest runs, since oidc-provider
 * amends the policy of the pages it writes itself. What turns out to be HTML is never stored. Koa's
 * own error handler drops all headers: catch errors inside these.
 *
 * @param options.programs paths that answer programs, never with a page: they need no more than
 *   that nobody guesses another type. A page drawn there all the same brings its own headers.
 */
export function securityHeaders(options: {
  readonly issuer: string;
  readonly programs?: readonly string[];
}): Part[] {
  const { programs = [] } = options;
  const headers = Object.entries(pageHeaders(options));
  const few = headers.filter(([name]) => /^(X-Content-Type|Strict-Transport)/.test(name));
  const isProgram = (path: string) => programs.includes(path) || path.startsWith('/api/');
  const set = (ctx: Context, all: typeof headers) => {
    for (const [name, value] of all) ctx.res.setHeader(name, value);
  };
  return [
    {
      isFor: isProgram,
      middleware(ctx, next) {
        set(ctx, few);
        return next();
      },
    },
    {
      isFor: (path) => !isProgram(path),
      middleware(ctx, next) {
        set(ctx, headers);
        return next().then(() => {
          if (ctx.response.is('html')) ctx.set('Cache-Control', 'no-store');
        });
      },
    },
  ];
}
