/**
 * Authorization responses, handed to a part of this server that began the request itself. The engine
 * has decided by then: who is signed in, what they allowed, and what the response is. Only where the
 * browser takes it is still open.
 */
import type { Context } from 'koa';
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import { afterwards } from './around.ts';

/** How a response would have gone to the redirect URI, and what would have arrived there. */
export interface AuthorizationResponse {
  mode: 'query' | 'fragment' | 'form_post';
  parameters: URLSearchParams;
}

export interface AuthorizationAnswer {
  /** Of the browser's request. */
  ctx: Context;
  clientId: string;
  state: string;
  /** Who is signed in at the server in this browser, if anybody. */
  accountId: string | undefined;
  /** Undefined when it is a page of ours after all. Few are of use to anybody here: read late. */
  read(): AuthorizationResponse | undefined;
}

/** @returns the path on which the browser goes on in place of the redirect URI; undefined: let it go there */
export type TakeAnswer = (answer: AuthorizationAnswer) => Promise<string | undefined>;

const entities: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};
const plain = (markup: string) => markup.replace(/&(amp|lt|gt|quot|#39);/g, (it) => entities[it]!);

/** The page with the form that posts the response (OAuth 2.0 Form Post Response Mode, section 2). */
function readForm(body: string): AuthorizationResponse {
  const inputs = body.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g);
  const pairs = [...inputs].map(([, name = '', value = '']) => [plain(name), plain(value)]);
  return { mode: 'form_post', parameters: new URLSearchParams(pairs as [string, string][]) };
}

function readRedirect(location: URL, registered: URL): AuthorizationResponse {
  if (location.hash)
    return { mode: 'fragment', parameters: new URLSearchParams(location.hash.slice(1)) };
  const parameters = location.searchParams;
  // What the redirect URI itself brings is no part of the answer.
  for (const [name, value] of registered.searchParams) parameters.delete(name, value);
  return { mode: 'query', parameters };
}

/** What the engine answers, when that is a response for the redirect URI and no page of ours. */
function readAnswer(
  ctx: KoaContextWithOIDC,
  redirectUri: string,
): AuthorizationResponse | undefined {
  const [location, registered] = [URL.parse(ctx.response.get('location')), URL.parse(redirectUri)];
  if (registered && location) {
    const same = (['protocol', 'host', 'pathname'] as const).every(
      (part) => location[part] === registered[part],
    );
    return same ? readRedirect(location, registered) : undefined;
  }
  const { body } = ctx;
  return typeof body === 'string' && body.includes('<form method="post" action="')
    ? readForm(body)
    : undefined;
}

/** Asks `take` about each authorization response that has a state. */
export function offerAnswers(provider: Provider, take: TakeAnswer): void {
  const path = provider.pathFor('authorization', { mountPath: '' });
  provider.on('authorization.success', (ctx) => {
    ctx.state.authorizationAnswered = true;
  });
  provider.on('authorization.error', (ctx) => {
    ctx.state.authorizationAnswered = true;
  });
  afterwards(provider, [path], async (ctx) => {
    const { oidc } = ctx;
    if (!oidc || !ctx.state.authorizationAnswered) return;
    const { state, redirect_uri } = oidc.params ?? {};
    if (typeof state !== 'string' || typeof redirect_uri !== 'string' || !oidc.client) return;
    const go = await take({
      ctx: ctx as unknown as Context,
      clientId: oidc.client.clientId,
      accountId: oidc.session?.accountId,
      state,
      read: () => readAnswer(ctx, redirect_uri),
    });
    if (go === undefined) return;
    ctx.body = null;
    ctx.redirect(go);
    ctx.status = 303;
  });
}
