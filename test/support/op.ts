/**
 * The server under test: the real one, in this process, on a free port of loopback. Only what a test
 * asks for differs from `npm start`: the store is memory, hashes are cheap, the log is kept.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AccountInput } from '../../src/accounts/account.ts';
import type { ClientMetadataInput } from '../../src/clients/metadata.ts';
import type { Resource } from '../../src/clients/resource.ts';
import { collections } from '../../src/collections.ts';
import { loadLayers } from '../../src/config/load.ts';
import type { Config, ConfigInput } from '../../src/config/schema.ts';
import { newId } from '../../src/lib/ids.ts';
import { createLog } from '../../src/lib/log.ts';
import { listen } from '../../src/listen.ts';
import { apiScopes } from '../../src/oidc/tokens.ts';
import { createServer, type Server } from '../../src/server.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { basePath } from '../../src/web/issuer.ts';
import { createRenderer } from '../../src/web/render.ts';

const root = join(import.meta.dirname, '../..');

export interface OpOptions {
  /** `memory`, `sqlite` (a fresh file) or a store's URL; TEST_STORE, else memory, when absent. */
  store?: string;
  /** The issuer's path, such as `/auth`. */
  path?: string;
  /** The folder of themes. Default: the one in the repository. */
  views?: string;
  /** What the server is given instead of the store itself, so that a test sees what it asks of it. */
  through?(store: Store): Store;
}

/** A line of the log. */
export interface LogLine {
  level: number;
  time: string;
  msg: string;
  id?: string;
  [name: string]: unknown;
}

export type TestClient = Record<string, unknown> & {
  client_id: string;
  client_secret?: string;
  redirect_uris: string[];
};

/** With the password, which the server does not tell. */
export interface TestAccount {
  id: string;
  email: string;
  password: string;
  [claim: string]: unknown;
}

export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what a body holds is what the test is about
  body: any;
}

export type Fields = Record<string, string | string[] | undefined>;

export interface PostOptions {
  /** `client_secret_basic`: id and secret. */
  basic?: readonly [string, string];
  headers?: Record<string, string>;
}

/** The client for automation that the server was started with. */
export interface AdminClient {
  client_id: string;
  client_secret: string;
}

/** What can be done with a server over HTTP, wherever it runs. */
export interface Requests {
  /** Calls `/api/v1…` with an access token that has every administration scope. */
  admin(
    path: string,
    init?: { method?: string; body?: unknown; headers?: Record<string, string> },
  ): Promise<Answer>;
  /** A `web` client with the redirect URI `https://rp.example/callback`, unless said otherwise. */
  createClient(
    metadata?: Partial<ClientMetadataInput> & { client_id?: string },
  ): Promise<TestClient>;
  /** An account with name and e-mail, unless said otherwise. */
  createAccount(account?: Partial<AccountInput>): Promise<TestAccount>;
  createResource(
    resource?: Partial<Resource> & { access?: { client_id: string; scopes: string[] }[] },
  ): Promise<Resource & { id: string }>;
  /** Posts a form to a path of the server. */
  post(path: string, fields: Fields, options?: PostOptions): Promise<Answer>;
  /** Gets a path of the server. */
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
}

export interface Op extends Requests {
  issuer: string;
  config: Config;
  store: Store;
  /** Every line logged so far, debug and above. */
  logs: LogLine[];
  /** What was told to the operator on the terminal. */
  announced: string[];
  adminClient: AdminClient;
  close(): Promise<void>;
}

const generous = { max: 100_000 };

/** Every test comes from one address, and many fail on purpose. */
const limits = {
  login: { account_ip: generous, account: generous, ip: generous },
  client: { client_ip: generous, ip: generous },
  registration: { ip: generous },
  reset: { email: generous, ip: generous },
  verify: { email: generous, ip: generous },
  sign_up: { email: generous, ip: generous },
  device: { account: generous, ip: generous },
  approval: { account_client: generous, account: generous },
};

/** The redirect URI of clients made here. Nothing listens there, and nothing asks it. */
export const CALLBACK = 'https://rp.example/callback';

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const json = /json/.test(response.headers.get('content-type') ?? '');
  return {
    status: response.status,
    headers: response.headers,
    body: json && text ? JSON.parse(text) : text,
  };
}

const isSection = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `over` laid upon `base`, section by section. */
function merge(base: object, over: object): object {
  const below = new Map(Object.entries(base));
  const entries = Object.entries(over).map(([name, value]) => {
    const under = below.get(name);
    return [name, isSection(value) && isSection(under) ? merge(under, value) : value];
  });
  return { ...base, ...Object.fromEntries(entries) };
}

/** A store's URL, and what to remove when it is done with. */
function placeOf(kind: string): { url: string; remove(): void } {
  if (kind === 'memory') return { url: 'memory:', remove() {} };
  if (kind !== 'sqlite') return { url: kind, remove() {} };
  const folder = mkdtempSync(join(tmpdir(), 'clientele-'));
  return {
    url: `sqlite:${join(folder, 'test.db')}`,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Form fields in the order given; an array repeats its name. */
export const formOf = (fields: Fields): URLSearchParams =>
  new URLSearchParams(
    Object.entries(fields).flatMap(([name, value]) =>
      value === undefined ? [] : [value].flat().map((item): [string, string] => [name, item]),
    ),
  );

/** The Authorization header of `client_secret_basic` (RFC 6749, section 2.3.1). */
export const basicAuth = (id: string, secret: string): string =>
  `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`;

/** Speaks to a server as relying parties and administrators do. */
export function speakTo(issuer: string, adminClient: AdminClient): Requests {
  const post: Requests['post'] = async (path, fields, { basic, headers } = {}) =>
    answerOf(
      await fetch(issuer + path, {
        method: 'POST',
        redirect: 'manual',
        body: formOf(fields),
        headers: { ...(basic && { authorization: basicAuth(...basic) }), ...headers },
      }),
    );

  let token: string | undefined;
  async function adminToken(): Promise<string> {
    const { status, body } = await post(
      '/token',
      {
        grant_type: 'client_credentials',
        resource: `${issuer}/api/v1`,
        scope: apiScopes.map(({ name }) => name).join(' '),
      },
      { basic: [adminClient.client_id, adminClient.client_secret] },
    );
    if (status !== 200) throw new Error(`no administration token: ${JSON.stringify(body)}`);
    return body.access_token;
  }

  const admin: Requests['admin'] = async (path, { method = 'GET', body, headers } = {}) => {
    const call = async () => {
      token ??= await adminToken();
      const response = await fetch(`${issuer}/api/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return answerOf(response);
    };
    const first = await call();
    if (first.status !== 401) return first;
    // A test moved the clock beyond its end.
    token = undefined;
    return call();
  };

  const create = async (path: string, body: object) => {
    const made = await admin(path, { method: 'POST', body });
    if (made.status !== 201) throw new Error(`POST ${path}: ${JSON.stringify(made.body)}`);
    return made.body;
  };

  return {
    admin,
    post,
    get: async (path, headers = {}) =>
      answerOf(await fetch(issuer + path, { headers, redirect: 'manual' })),
    createClient(metadata = {}) {
      const people = metadata.type !== 'server-to-server';
      return create('/clients', { ...(people && { redirect_uris: [CALLBACK] }), ...metadata });
    },
    async createAccount(account = {}) {
      const password = account.password ?? 'correct horse battery';
      const made = await create('/accounts', {
        email: `${newId()}@example.com`,
        name: 'Ada Lovelace',
        ...account,
        password,
      });
      return { ...made, password };
    },
    createResource: (resource = {}) =>
      create('/resources', { identifier: `https://api.example/${newId()}`, ...resource }),
  };
}

/** Starts a server. @param overrides of the configuration, section by section */
export async function startOp(overrides: ConfigInput = {}, options: OpOptions = {}): Promise<Op> {
  // The port must be known before the issuer, and the issuer before the server: so it listens first.
  let server: Server | undefined;
  let store: Store | undefined;
  const listening = await listen(
    { host: '127.0.0.1', port: 0, trust_proxy: false },
    (request, response) => {
      if (server) void server.callback(request, response);
      else response.writeHead(503).end();
    },
  );
  const mail = mkdtempSync(join(tmpdir(), 'clientele-mail-'));
  const place = placeOf(options.store ?? process.env.TEST_STORE ?? 'memory');
  const close = async () => {
    await listening.stop(0);
    await server?.close();
    await store?.close();
    place.remove();
    rmSync(mail, { recursive: true, force: true });
  };

  try {
    const input = merge(
      {
        issuer: `http://127.0.0.1:${listening.port}${options.path ?? ''}`,
        http: { port: listening.port },
        store_url: place.url,
        secrets_key: newId(256),
        log_level: 'debug',
        mail: { folder: mail },
        passwords: { memory_kib: 7168, iterations: 1 },
        limits,
        admin: {
          email: 'admin@example.com',
          password: 'the first administrator',
          client_id: 'test-admin',
          client_secret: newId(256),
        },
      },
      overrides,
    );
    // JSON is YAML: the configuration goes the way that a file goes.
    const readFile = (path: string) =>
      path === 'op.yaml' ? JSON.stringify(input) : readFileSync(path, 'utf8');
    const loaded = await loadLayers({ CONFIG_FILE: 'op.yaml' }, readFile);
    const config = loaded.config as Config & { secrets_key: string; admin: AdminClient };
    const { issuer, pages, admin } = config;
    const logs: LogLine[] = [];
    const announced: string[] = [];
    const renderer = createRenderer({
      views: options.views ?? join(root, 'views'),
      locales: join(root, 'locales'),
      theme: pages.theme,
      defaultLocale: pages.locale,
      base: basePath(issuer),
    });
    store = await openStore(config.store_url, collections);
    server = await createServer(config, {
      store: options.through?.(store) ?? store,
      log: createLog(config.log_level, { write: (line) => void logs.push(JSON.parse(line)) }),
      renderer,
      origins: loaded.origins,
      announce: (sentence) => void announced.push(sentence),
    });
    const adminClient = { client_id: admin.client_id, client_secret: admin.client_secret };
    return {
      ...speakTo(issuer, adminClient),
      issuer,
      config,
      store,
      logs,
      announced,
      adminClient,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
