/** From nothing to a registered relying party. */
import { randomBytes } from 'node:crypto';
import * as rp from 'openid-client';
import { createApi } from '../api.ts';
import type { Step } from '../run.ts';
import { startServer } from '../server-process.ts';
import { redirectUri, signedOutUri, type Walk } from '../walk.ts';

// biome-ignore lint/suspicious/noExplicitAny: the step proves what is in the document
const json = async (url: string): Promise<any> => {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  return response.json();
};

const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'];

const insecure = { execute: [rp.allowInsecureRequests] };

/** Whatever must be unlike anything that the store holds already. */
const tag = () => randomBytes(4).toString('hex');

export const start: Step<Walk> = {
  name: 'Start',
  async run(walk, proof) {
    walk.server = await startServer(walk.env);
    const { status } = await fetch(`${walk.server.issuer}/health/ready`);
    proof.equal(`a server process is ready (store: ${walk.server.store})`, status, 200);
  },
};

export const discovery: Step<Walk> = {
  name: 'Discovery',
  async run(walk, proof) {
    const { issuer } = walk.server;
    const [openid, oauth] = await Promise.all([
      json(`${issuer}/.well-known/openid-configuration`),
      json(`${issuer}/.well-known/oauth-authorization-server`),
    ]);
    walk.metadata = openid;
    walk.jwks = await json(openid.jwks_uri);
    proof.equal('issuer is the address asked', openid.issuer, issuer);
    proof.equal('both well-known documents agree', oauth, openid);
    const endpoints = Object.entries(openid).filter(([name]) => /_endpoint$|^jwks_uri$/.test(name));
    proof.holds(
      `${endpoints.length} endpoints, all below the issuer`,
      endpoints.length > 5 && endpoints.every(([, url]) => String(url).startsWith(`${issuer}/`)),
      endpoints,
    );
    proof.equal('PKCE is S256 only', openid.code_challenge_methods_supported, ['S256']);
    proof.holds(
      `${walk.jwks.keys.length} keys published, no private part`,
      walk.jwks.keys.length > 0 &&
        walk.jwks.keys.every((key) => !PRIVATE.some((member) => Object.hasOwn(key, member))),
      walk.jwks,
    );
  },
};

export const administration: Step<Walk> = {
  name: 'Administration token',
  async run(walk, proof) {
    const { issuer, admin } = walk.server;
    const base = `${issuer}/api/v1`;
    const stranger = await createApi(base)('GET', '/clients');
    proof.equal('no token, no API (401)', stranger.status, 401);
    const automation = await rp.discovery(
      new URL(issuer),
      admin.id,
      undefined,
      rp.ClientSecretBasic(admin.secret),
      insecure,
    );
    const scope = 'clients:write accounts:write resources:write clients:read';
    const tokens = await rp.clientCredentialsGrant(automation, { resource: base, scope });
    proof.equal('client credentials give a bearer token', tokens.token_type, 'bearer');
    proof.equal(
      'scopes are those asked for',
      new Set(tokens.scope?.split(' ')),
      new Set(scope.split(' ')),
    );
    walk.api = createApi(base, tokens.access_token);
    walk.created = [];
    const forbidden = await walk.api('GET', '/accounts');
    proof.equal('other scopes are refused (403)', forbidden.status, 403);
  },
};

export const registration: Step<Walk> = {
  name: 'Registration',
  async run(walk, proof) {
    const create = async (path: string, body: object, id: string) => {
      const answer = await walk.api('POST', path, body);
      if (answer.status === 201) walk.created.push(`${path}/${answer.body[id]}`);
      return answer;
    };
    const name = 'Ada Lovelace';
    const email = `ada.${tag()}@demo.example`;
    const password = `engine-${tag()}`;
    const phone = '+442079460815';
    const person = await create('/accounts', { email, password, name, phone_number: phone }, 'id');
    proof.equal('a person created', person.status, 201);
    walk.person = { id: person.body.id, email, password, name, phone };

    const metadata = {
      type: 'web',
      client_name: 'Orders',
      first_party: false,
      redirect_uris: [redirectUri(walk)],
      post_logout_redirect_uris: [signedOutUri(walk)],
    };
    const bad = await create(
      '/clients',
      { ...metadata, redirect_uris: ['http://a.example/#x'] },
      '',
    );
    proof.equal('a bad redirect URI is refused', bad.status, 422);
    proof.equal('the refusal points to it', bad.body.errors?.[0]?.pointer, '/redirect_uris/0');
    const client = await create('/clients', metadata, 'client_id');
    proof.equal(
      'a third-party client created',
      [client.status, client.body.first_party],
      [201, false],
    );
    walk.client = {
      id: client.body.client_id,
      secret: client.body.client_secret,
      name: client.body.client_name,
    };
    const again = await walk.api('GET', `/clients/${walk.client.id}`);
    proof.equal(
      'its secret is shown once',
      [!!walk.client.secret, again.body.client_secret],
      [true, undefined],
    );
    const service = { type: 'server-to-server', client_name: 'Stock' };
    const machine = await create('/clients', service, 'client_id');
    proof.equal('a server-to-server client created', machine.status, 201);
    walk.machine = { id: machine.body.client_id, secret: machine.body.client_secret };

    walk.resource = `https://orders.demo.example/${tag()}`;
    const resource = await create(
      '/resources',
      {
        identifier: walk.resource,
        name: 'Orders API',
        scopes: [
          { name: 'orders:read', description: 'See your orders' },
          { name: 'orders:write', description: 'Order in your name' },
        ],
        access: [
          { client_id: walk.client.id, scopes: ['orders:read', 'orders:write'] },
          { client_id: walk.machine.id, scopes: ['orders:read'] },
        ],
      },
      'id',
    );
    proof.equal(
      'a resource with JWT access tokens created',
      resource.body?.access_token_format,
      'jwt',
    );

    walk.party = await rp.discovery(
      new URL(walk.server.issuer),
      walk.client.id,
      { client_secret: walk.client.secret },
      rp.ClientSecretBasic(walk.client.secret),
      insecure,
    );
  },
};
