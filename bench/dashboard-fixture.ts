/** What is made through the API for the dashboard to show, as large as each of it may be in practice. */
import { generateKeyPairSync } from 'node:crypto';
import type { HttpClient } from './client.ts';
import { clientIdOf } from './client-population.ts';
import { CHANGED } from './dashboard-population.ts';
import { administrator, type Ours } from './ours.ts';

/** What the addresses of pages are made of. */
export interface Shown {
  /** A client with as much as a client has. */
  large: string;
  secret: string;
  resource: string;
  policy: string;
  token: string;
  /** Of the client that is changed all the time, some changes ago. */
  event: string;
  session: string;
  /** Cursors of lists, from the beginning to the middle. */
  cursors: Readonly<Record<'clients' | 'audit' | 'accounts', string>>;
}

const LARGE = 'bench-large';
const POLICY = 'bench-policy-0';
const scope = ['clients', 'accounts', 'resources', 'registration']
  .flatMap((kind) => [`${kind}:read`, `${kind}:write`])
  .concat('audit:read')
  .join(' ');
const many = <T>(count: number, make: (n: number) => T): T[] =>
  Array.from({ length: count }, (_, n) => make(n));

const publicKey = (n: number) => {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...publicKey.export({ format: 'jwk' }), kid: `key-${n}`, use: 'sig', alg: 'PS256' };
};

const host = 'https://a-rather-long-name-of-an-application.department.example.com';

const largeClient = () => ({
  client_id: LARGE,
  type: 'web',
  client_name: 'A client with as much as a client has',
  description: 'All that can be written into it is written into it. '.repeat(4).trim(),
  client_uri: host,
  logo_uri: `${host}/logo.svg`,
  policy_uri: `${host}/privacy`,
  tos_uri: `${host}/terms`,
  contacts: many(10, (n) => `responsible-person-${n}@department.example.com`),
  tags: many(10, (n) => `tag-number-${n}`),
  redirect_uris: many(50, (n) => `${host}/environments/${n}/authentication/oidc/callback`),
  post_logout_redirect_uris: many(50, (n) => `${host}/environments/${n}/signed-out`),
  jwks: { keys: many(8, publicKey) },
});

const resource = (n: number, access: readonly string[]) => ({
  identifier: `https://api-${n}.example.com/v1`,
  name: `Interface ${n}`,
  scopes: many(n === 0 ? 100 : 10, (s) => ({
    name: `interface-${n}:operation-${s}`,
    description: `Whoever has it may do operation ${s}`,
  })),
  access: access.map((client_id) => ({
    client_id,
    scopes: many(5, (s) => `interface-${n}:operation-${s}`),
  })),
});

const policy = (n: number) => ({
  name: `bench-policy-${n}`,
  types: ['web', 'native'],
  redirect_hosts: many(10, (h) => `host-${h}.team${n}.example.com`),
  scopes: ['openid', 'profile', 'email'],
  quota: { clients: 100, per: 3600 },
});

type Api = <T>(path: string, json?: object) => Promise<T>;
interface Listed {
  items: Record<'id' | 'identifier', string>[];
  next?: string;
}

/** Half way through a list as far as so many pages of 500 lead. */
async function cursorOf(api: Api, list: string, pages: number): Promise<string> {
  let after = '';
  for (let page = 0; page < pages; page += 1) {
    const { next } = await api<Listed>(`${list}limit=500${after && `&after=${after}`}`);
    if (next === undefined) break;
    after = encodeURIComponent(next);
  }
  return decodeURIComponent(after);
}

async function make(api: Api): Promise<void> {
  await api('/clients', largeClient());
  for (let n = 0; n < 4; n += 1) {
    const expires_in = 86_400 * 90 * (n + 1);
    await api(`/clients/${LARGE}/secrets`, { name: `Secret ${n}`, expires_in });
  }
  for (let n = 0; n < 60; n += 1) {
    await api('/resources', resource(n, n === 0 ? many(200, clientIdOf) : many(3, clientIdOf)));
    await api('/registration-policies', policy(n));
    await api('/registration-tokens', { policy: `bench-policy-${n}`, uses: 100 });
  }
}

/** Makes it, unless a run before has. @param pages of 500 to the middle of the clients */
export async function prepare(
  http: HttpClient,
  url: string,
  { admin }: Ours,
  pages: number,
): Promise<Shown> {
  const authorization = await administrator(http, url, admin, scope);
  const api: Api = async (path, json) => {
    const ask = { to: `/api/v1${path}`, headers: { authorization }, ...(json && { json }) };
    return JSON.parse((await http.send(ask, [200, 201])).body);
  };
  const there = await http.send(
    { to: `/api/v1/clients/${LARGE}`, headers: { authorization } },
    [200, 404],
  );
  if (there.status === 404) await make(api);
  const { items: resources } = await api<Listed>('/resources?limit=500');
  const { items: tokens } = await api<Listed>('/registration-tokens?limit=1');
  const { secrets } = await api<{ secrets: { id: string }[] }>(`/clients/${LARGE}`);
  const { items: events } = await api<Listed>(`/clients/${CHANGED}/history?limit=50`);
  const { items: sessions } = await api<Listed>('/sessions?limit=1');
  return {
    large: LARGE,
    secret: secrets[0]?.id ?? '',
    resource: resources.find(({ identifier }) => identifier.includes('api-0.'))?.id ?? '',
    policy: POLICY,
    token: tokens[0]?.id ?? '',
    event: events.at(-1)?.id ?? '',
    session: sessions[0]?.id ?? '',
    cursors: {
      clients: await cursorOf(api, '/clients?sort=name&', pages),
      audit: await cursorOf(api, '/audit?', pages),
      accounts: await cursorOf(api, '/accounts?', pages),
    },
  };
}
