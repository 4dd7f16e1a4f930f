import { at, type Part } from '../lib/by-path.ts';
import { checkSessionPath } from '../oidc/browser-state.ts';
import { basePath } from './issuer.ts';
import type { Asset } from './theme-assets.ts';

/** Not a matter of the theme. */
const SCRIPT = '/assets/default/check-session.js';

/**
 * The page that relying parties load in a hidden frame and ask whether the person is still signed in
 * (OpenID Connect Session Management 1.0, section 3.2). It alone can be framed, and by anybody: it
 * shows nothing, and its answers are worth something only to who knows a `session_state`.
 * @param cookie where the state of the browser is kept
 */
export function checkSession(
  issuer: string,
  assets: ReadonlyMap<string, Asset>,
  cookie: string,
): Part {
  const script = `${basePath(issuer)}${SCRIPT}?v=${assets.get(SCRIPT)?.version}`;
  const page = `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>Session</title>
  <script src="${script}" data-cookie="${cookie}" defer></script>
</head>
</html>
`;
  return at([checkSessionPath], (ctx, next) => {
    if (ctx.method !== 'GET') return next();
    ctx.set(
      'Content-Security-Policy',
      "default-src 'none'; script-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *",
    );
    ctx.remove('X-Frame-Options');
    // For relying parties whose own pages demand it of every frame.
    ctx.set('Cross-Origin-Resource-Policy', 'cross-origin');
    ctx.set('Cross-Origin-Embedder-Policy', 'require-corp');
    ctx.type = 'html';
    ctx.body = page;
    return undefined;
  });
}
