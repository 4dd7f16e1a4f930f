import type { Provider } from 'oidc-provider';

/** The account that is signed in where a request comes from, by the session that applications share. */
export type FindSignedIn = (
  cookie: (name: string) => string | undefined,
) => Promise<string | undefined>;

export const signedInFinder =
  (provider: Provider): FindSignedIn =>
  async (cookie) => {
    const id = cookie(provider.cookieName('session'));
    return id === undefined ? undefined : (await provider.Session.find(id))?.accountId;
  };
