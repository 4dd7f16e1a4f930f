import { codeOf } from './browser.ts';
import { redirects } from './client.ts';
import { basic } from './fixture.ts';
import { authorizeUrl, fetchTokens, manySignedIn, redeem, type Target } from './target.ts';

/** Does an operation once. Lanes run beside each other, the steps of one after another. */
export type Lane = () => Promise<unknown>;

/** Something that servers do and that is counted. */
export interface Operation {
  name: string;
  /** The least ratio to plain `oidc-provider` that is good enough, with the SQLite store. */
  floor: number;
  /** Makes what the lanes need; neither counted nor timed. */
  prepare(target: Target, lanes: number): Promise<Lane[]> | Lane[];
  /** What plain `oidc-provider` does meanwhile; absent: the same. */
  counterpart?: Operation['prepare'];
}

/** What a server does for an operation. */
export const prepare = (
  { prepare: same, counterpart = same }: Operation,
  target: Target,
  lanes: number,
): Promise<Lane[]> | Lane[] => (target.child.name === 'plain' ? counterpart : same)(target, lanes);

export const repeat = (count: number, lane: Lane): Lane[] =>
  Array.from({ length: count }, () => lane);

/** The same document over and over. */
const get = (address: (target: Target) => string): Operation['prepare'] => {
  return (target, lanes) => {
    const to = address(target);
    return repeat(lanes, () => target.http.send({ to }, 200));
  };
};

export const clientCredentials = (more: (target: Target) => Record<string, string>) => {
  return (target: Target, lanes: number): Lane[] => {
    const to = target.endpoints.token_endpoint;
    const headers = { authorization: basic(target.fixture.service) };
    const form = { grant_type: 'client_credentials', ...more(target) };
    return repeat(lanes, () => target.http.send({ to, headers, form }, 200));
  };
};

/** In the order of the table. */
export const operations: readonly Operation[] = [
  {
    name: 'client credentials, opaque',
    floor: 0.7,
    prepare: clientCredentials(() => ({})),
  },
  {
    name: 'client credentials, ES256 JWT',
    floor: 0.7,
    prepare: clientCredentials(({ fixture: { resource } }) => ({
      resource: resource.identifier,
      scope: resource.scope,
    })),
  },
  {
    name: 'code flow',
    floor: 0.6,
    // A session for each lane: flows that run at once do not meet in one session.
    async prepare(target, lanes) {
      const to = authorizeUrl(target);
      return (await manySignedIn(target, lanes)).map(({ browser }) => async () => {
        const headers = { cookie: browser.cookies() };
        const answer = await target.http.send({ to, headers }, redirects);
        return redeem(target, codeOf(answer.header('location')));
      });
    },
  },
  {
    name: 'refresh',
    floor: 0.6,
    async prepare(target, lanes) {
      return (await manySignedIn(target, lanes)).map(({ tokens }) => {
        let { refresh_token } = tokens;
        return async () => {
          const form = { grant_type: 'refresh_token', refresh_token };
          ({ refresh_token } = await fetchTokens(target, form));
        };
      });
    },
  },
  {
    name: 'introspection',
    floor: 0.75,
    async prepare(target, lanes) {
      const to = target.endpoints.introspection_endpoint;
      const headers = { authorization: basic(target.fixture.web) };
      return (await manySignedIn(target, lanes)).map(({ tokens }) => async () => {
        const form = { token: tokens.access_token };
        const { body } = await target.http.send({ to, headers, form }, 200);
        if (!body.includes('"active":true')) throw new Error(`not active: ${body}`);
      });
    },
  },
  {
    name: 'UserInfo',
    floor: 0.75,
    async prepare(target, lanes) {
      const to = target.endpoints.userinfo_endpoint;
      return (await manySignedIn(target, lanes)).map(({ tokens }) => {
        const headers = { authorization: `Bearer ${tokens.access_token}` };
        return () => target.http.send({ to, headers }, 200);
      });
    },
  },
  {
    name: 'discovery',
    floor: 2,
    prepare: get(() => '/.well-known/openid-configuration'),
  },
  {
    name: 'JWKS',
    floor: 2,
    prepare: get(({ endpoints }) => endpoints.jwks_uri),
  },
];
