import type { Context } from 'koa';
import type { Vault } from '../lib/seal.ts';

/** The dashboard's cookies: its own, no script's, and of this host alone. */
export interface Cookies {
  get(ctx: Context, name: string): string | undefined;
  /** The names that begin so, and how long each value is. */
  lengths(ctx: Context, prefix: string): Map<string, number>;
  set(ctx: Context, name: string, value: string): void;
  clear(ctx: Context, name: string): void;
  /** Keeps a value that the browser can neither read nor alter. */
  seal(ctx: Context, name: string, value: object): void;
  open<T>(ctx: Context, name: string): T | undefined;
}

export function createCookies(issuer: string, vault: Vault): Cookies {
  const secure = issuer.startsWith('https:');
  const nameOf = (name: string) => `${secure ? '__Host-' : ''}dashboard-${name}`;
  // Not strict: a link in an e-mail, and the way back from the sign-in, should find the session.
  const attributes = { httpOnly: true, sameSite: 'lax', secure, signed: false, path: '/' } as const;
  const context = (name: string) => `dashboard cookie ${name}`;

  // Read here: the library keeps a pattern for each name that it was ever asked for.
  const sent = (ctx: Context) =>
    new Map(
      ctx
        .get('cookie')
        .split(';')
        .map((pair) => {
          const [, name = '', value = ''] = /^\s*([^=]*)=(.*?)\s*$/s.exec(pair) ?? [];
          return [name, value] as const;
        })
        // Of several with one name the first counts, which is of the nearest path (RFC 6265, 5.4).
        .reverse(),
    );
  // Asked of every sign-in as well, most of which have none.
  const get: Cookies['get'] = (ctx, name) =>
    ctx.get('cookie').includes(nameOf(name)) ? sent(ctx).get(nameOf(name)) : undefined;
  const set: Cookies['set'] = (ctx, name, value) =>
    void ctx.cookies.set(nameOf(name), value, { ...attributes, overwrite: true });

  return {
    get,
    lengths: (ctx, prefix) =>
      new Map(
        [...sent(ctx)]
          .filter(([name]) => name.startsWith(nameOf(prefix)) && /^[\w-]+$/.test(name))
          .map(([name, value]) => [name.slice(nameOf('').length), value.length]),
      ),
    set,
    clear: (ctx, name) =>
      void ctx.cookies.set(nameOf(name), null, { ...attributes, overwrite: true }),
    seal: (ctx, name, value) => set(ctx, name, vault.seal(JSON.stringify(value), context(name))),
    open(ctx, name) {
      const sealed = get(ctx, name);
      if (!sealed) return undefined;
      try {
        return JSON.parse(vault.open(sealed, context(name)));
      } catch {
        return undefined;
      }
    },
  };
}
