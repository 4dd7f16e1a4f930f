import { js, SCOPE, type Writer, when } from './facts.ts';

/** A page of the application itself; tokens stay in its memory and session storage. */
export const browser: Writer = ({ issuer, client, redirectUri }) => {
  const [afterLogout] = client.post_logout_redirect_uris ?? [];
  return {
    name: 'oidc-client-ts',
    files: [
      {
        label: 'app.js',
        lines: [
          '// npm install oidc-client-ts',
          ...(client.dpop_bound_access_tokens
            ? ["import { IndexedDbDPoPStore, UserManager } from 'oidc-client-ts';"]
            : ["import { UserManager } from 'oidc-client-ts';"]),
          '',
          'export const manager = new UserManager({',
          `  authority: ${js(issuer)},`,
          `  client_id: ${js(client.client_id)},`,
          `  redirect_uri: ${js(redirectUri)},`,
          ...when(afterLogout, `  post_logout_redirect_uri: ${js(afterLogout ?? '')},`),
          `  scope: '${SCOPE}',`,
          ...when(
            client.dpop_bound_access_tokens,
            '  dpop: { bind_authorization_code: true, store: new IndexedDbDPoPStore() },',
          ),
          '});',
          '',
          '// On every page: finish a sign-in that comes back, then see who is there.',
          'const here = location.origin + location.pathname;',
          'const params = new URLSearchParams(location.search);',
          `if (here === ${js(redirectUri)} && params.has('state')) {`,
          '  await manager.signinCallback();',
          "  history.replaceState(null, '', location.pathname);",
          '}',
          'const user = await manager.getUser();',
          'if (user) document.body.dataset.user = user.profile.sub;',
          'else await manager.signinRedirect();',
        ],
      },
    ],
  };
};
