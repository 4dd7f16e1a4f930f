/**
 * `session_state` in authentication error responses (OpenID Connect Session Management 1.0, section
 * 2): a page that asked with `prompt=none` can then wait for somebody to sign in. The engine shows
 * what it answers of an error only as what it made of it, so each kind of answer is amended as it is:
 * the address of a redirect, the page with a form or a message, what is about to be signed.
 */
import { hash } from 'node:crypto';
import { type KoaContextWithOIDC, Provider } from 'oidc-provider';

/** What a response of this request has; undefined where no page could ask about it. */
export type StateOf = (ctx: KoaContextWithOIDC) => string | undefined;

function inAddress(ctx: KoaContextWithOIDC, location: URL, state: string): void {
  const query = new URLSearchParams(location.hash ? location.hash.slice(1) : location.search);
  // A signed response is all that there is.
  if (!query.has('error')) return;
  query.set('session_state', state);
  if (location.hash) location.hash = query.toString();
  else location.search = query.toString();
  ctx.set('Location', location.href);
}

/** Where a page of the engine's begins to tell an error, in two parts with the state between them. */
const places: readonly [before: string, member: (state: string) => string, after: string][] = [
  [
    '',
    (state) => `<input type="hidden" name="session_state" value="${state}"/>\n`,
    '<input type="hidden" name="error"',
  ],
  ['var data = {"response":{', (state) => `"session_state":"${state}",`, '"error"'],
];

const scriptOf = (page: string) => /<script>(.*?)<\/script>/s.exec(page)?.[1] ?? '';
const sourceOf = (page: string) => `'sha256-${hash('sha256', scriptOf(page), 'base64')}'`;

/** The policy of the page allows its script by what it says. */
function inPage(ctx: KoaContextWithOIDC, page: string, state: string): void {
  const told = places.reduce(
    (text, [before, member, after]) =>
      text.replace(before + after, () => before + member(state) + after),
    page,
  );
  if (told === page) return;
  const policy = ctx.response.get('Content-Security-Policy');
  ctx.set(
    'Content-Security-Policy',
    policy.replace(sourceOf(page), () => sourceOf(told)),
  );
  ctx.body = told;
}

/** Signed responses, whatever carries them, through `issue`, a public method of the engine's. */
function inSigned({ IdToken: { prototype } }: Provider, stateOf: StateOf): void {
  const { issue } = prototype;
  prototype.issue = function issueWithState(options) {
    const { error } = (this as { extra?: { error?: unknown } }).extra ?? {};
    if (options.use === 'authorization' && error !== undefined && Provider.ctx) {
      this.set('session_state', stateOf(Provider.ctx));
    }
    return issue.call(this, options);
  };
}

/** Amends error responses. @returns what is to be done when the engine has answered a request */
export function tellErrors(
  provider: Provider,
  stateOf: StateOf,
): (ctx: KoaContextWithOIDC) => void {
  inSigned(provider, stateOf);
  provider.on('authorization.error', (ctx) => {
    ctx.state.authorizationError = true;
  });
  return (ctx) => {
    const state = ctx.state.authorizationError && stateOf(ctx);
    if (!state) return;
    const location = URL.parse(ctx.response.get('location'));
    if (location) inAddress(ctx, location, state);
    else if (typeof ctx.body === 'string') inPage(ctx, ctx.body, state);
  };
}
