/**
 * A single-page application as the documentation of oidc-client-ts has it: it is given an issuer and
 * its registration, nothing else. The test presses its buttons through `rp`.
 */
(async () => {
  const { UserManager, IndexedDbDPoPStore } = globalThis.oidc;
  const { dpop, ...settings } = await (await fetch('/settings.json')).json();
  const store = new IndexedDbDPoPStore();
  const manager = new UserManager({
    redirect_uri: `${location.origin}/callback`,
    silent_redirect_uri: `${location.origin}/callback`,
    post_logout_redirect_uri: `${location.origin}/`,
    scope: 'openid profile email',
    checkSessionIntervalInSeconds: 1,
    silentRequestTimeoutInSeconds: 5,
    ...(dpop && { dpop: { bind_authorization_code: true, store } }),
    ...settings,
  });

  const events = [];
  manager.events.addUserSignedOut(() => events.push('signed out'));
  const told = ({ message, error }) => ({ error: error ?? message });

  globalThis.rp = {
    manager,
    events,
    user: () => manager.getUser(),
    signIn: () => manager.signinRedirect(),
    refresh: () => manager.signinSilent().catch(told),
    /** A new sign-in in a frame, whether or not there is a refresh token. */
    renew: () => manager.signinSilent({ forceIframeAuth: true }).catch(told),
    signOut: () => manager.signoutRedirect(),
    revoke: () => manager.revokeTokens(['access_token', 'refresh_token']).catch(told),
    /** Asks UserInfo as any API is asked; @param bound with the proof that the token is bound to */
    async call(bound) {
      const user = await manager.getUser();
      const url = await manager.metadataService.getUserInfoEndpoint();
      const proof = bound && (await manager.dpopProof(url, user, 'GET'));
      const headers = {
        authorization: `${proof ? 'DPoP' : 'Bearer'} ${user.access_token}`,
        ...(proof && { dpop: proof }),
      };
      const answer = await fetch(url, { headers });
      const challenge = answer.headers.get('www-authenticate');
      return { status: answer.status, challenge, body: await answer.json() };
    },
  };

  if (location.pathname === '/callback') {
    const user = await manager.signinCallback();
    if (!user) return;
    history.replaceState(null, '', '/');
  } else if (location.search) {
    await manager.signoutCallback();
    history.replaceState(null, '', '/');
  }
  const user = await manager.getUser();
  document.querySelector('h1').textContent = user ? `Hello ${user.profile.name}` : 'Nobody';
  document.documentElement.dataset.ready = 'yes';
})();
