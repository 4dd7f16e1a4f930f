/** The discovery documents tell the truth: of every endpoint and of every fact. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { createAgent, isLogout, leftFor } from '../support/agent.ts';
import type { Answer } from '../support/op.ts';
import { createClientWith, endpointAt, present, send } from './client-methods.ts';
import { ALIASES, chapters, startWithEverything } from './discovery-server.ts';
import { authorizeUrl, obtainTokens, userInfo } from './requests.ts';

const documents = ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'];
const [openid = '', oauth = ''] = documents;

// Before any test is declared: what is listed decides which there are.
const op = await startWithEverything();
afterAll(() => op.close());
const account = await op.createAccount();
const client = await createClientWith(op, 'client_secret_basic');
const { body: document } = await op.get(openid);

test('both documents say the same', async () => {
  expect((await op.get(oauth)).body).toEqual(document);
  expect(document.issuer).toBe(op.issuer);
});

/** Asks an endpoint that clients call themselves, and says whether it answered as that endpoint. */
const called = (path: string) => async (): Promise<boolean> => {
  const endpoint = endpointAt(path);
  const shown = await present.client_secret_basic(op, client);
  return endpoint.accepts(await send(op, endpoint, shown));
};
const got = (path: string, is: (answer: Answer) => boolean) => async () => is(await op.get(path));

/** How each endpoint is told from any other page. */
const endpoints: Readonly<Record<string, { path: string; answers: () => Promise<boolean> }>> = {
  authorization_endpoint: {
    path: '/authorize',
    answers: async () => {
      const answer = await createAgent(op.issuer).request(authorizeUrl(op, client));
      return answer.status === 303 && /\/interaction\//.test(answer.headers.get('location') ?? '');
    },
  },
  token_endpoint: { path: '/token', answers: called('/token') },
  introspection_endpoint: { path: '/introspect', answers: called('/introspect') },
  revocation_endpoint: { path: '/revoke', answers: called('/revoke') },
  pushed_authorization_request_endpoint: { path: '/par', answers: called('/par') },
  device_authorization_endpoint: {
    path: '/device/authorize',
    answers: called('/device/authorize'),
  },
  backchannel_authentication_endpoint: { path: '/backchannel', answers: called('/backchannel') },
  userinfo_endpoint: {
    path: '/userinfo',
    answers: async () => {
      const { access_token } = await obtainTokens(op, client, account);
      return (await userInfo(op, access_token)).body.sub === account.id;
    },
  },
  jwks_uri: { path: '/jwks', answers: got('/jwks', ({ body }) => body.keys.length > 0) },
  registration_endpoint: {
    path: '/register',
    answers: async () => {
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ redirect_uris: ['https://rp.example/callback'] });
      const init = { method: 'POST', headers, body };
      const answer = (await (await fetch(`${op.issuer}/register`, init)).json()) as {
        error: string;
      };
      return answer.error === 'invalid_token';
    },
  },
  end_session_endpoint: {
    path: '/logout',
    answers: async () => {
      const agent = createAgent(op.issuer);
      await agent.authorize(authorizeUrl(op, client), account);
      return isLogout(await agent.visit(`${op.issuer}/logout`));
    },
  },
  challenge_endpoint: {
    path: '/challenge',
    answers: async () =>
      typeof (await op.post('/challenge', {})).body.attestation_challenge === 'string',
  },
  check_session_iframe: {
    path: '/session/check',
    answers: got('/session/check', ({ body }) => body.includes('check-session.js')),
  },
};

/** Members that are addresses of this server, whatever they are called. */
const listed = Object.keys(document).filter(
  (name) => name !== 'issuer' && String(document[name]).startsWith(op.issuer),
);

test.each(listed)('%s answers as what it is called', async (name) => {
  const endpoint = endpoints[name];
  if (!endpoint) throw new Error(`${name} is listed: add it to "endpoints" in this file`);
  expect(document[name]).toBe(op.issuer + endpoint.path);
  expect(await endpoint.answers()).toBe(true);
});

test('no endpoint that is there is left out', () => {
  expect(listed.sort()).toEqual(Object.keys(endpoints).sort());
});

test('each alias for clients with certificates is that of an endpoint which is listed', () => {
  const aliases = Object.entries<string>(document.mtls_endpoint_aliases);
  expect(aliases.length).toBeGreaterThan(4);
  for (const [name, address] of aliases) {
    expect([name, address]).toEqual([name, document[name].replace(op.issuer, ALIASES)]);
  }
});

const answered = async (fields = {}) => {
  const url = authorizeUrl(op, await op.createClient(), fields);
  return leftFor(await createAgent(op.issuer).authorize(url, account)).searchParams;
};
/** A test file of its own shows it. */
const shownIn = (file: string) => async () =>
  expect([file, existsSync(join(import.meta.dirname, file))]).toEqual([file, true]);

/** Plain facts, by name and value. */
const facts: Readonly<Record<string, () => Promise<unknown>>> = {
  'authorization_response_iss_parameter_supported true': async () =>
    expect((await answered()).get('iss')).toBe(op.issuer),
  'claims_parameter_supported true': async () => {
    const claims = JSON.stringify({ userinfo: { name: null } });
    const tokens = await obtainTokens(op, client, account, { claims });
    expect((await userInfo(op, tokens.access_token)).body.name).toBe('Ada Lovelace');
  },
  'request_parameter_supported true': async () =>
    expect((await answered({ request: 'x.y.z' })).get('error')).toBe('invalid_request_object'),
  'request_uri_parameter_supported true': shownIn('request-uri.test.ts'),
  'require_request_uri_registration true': async () =>
    expect((await answered({ request_uri: 'https://rp.example/request' })).get('error')).toBe(
      'request_uri_not_supported',
    ),
  'backchannel_user_code_parameter_supported false': async () => {
    const fields = { scope: 'openid', login_hint: account.email, user_code: '1234' };
    const { client_id, client_secret = '' } = client;
    const { body } = await op.post('/backchannel', fields, { basic: [client_id, client_secret] });
    expect(body.error).toBe('invalid_request');
  },
  'backchannel_logout_supported true': shownIn('backchannel.test.ts'),
  'backchannel_logout_session_supported true': shownIn('backchannel.test.ts'),
  'frontchannel_logout_supported true': shownIn('frontchannel.test.ts'),
  'frontchannel_logout_session_supported true': shownIn('frontchannel.test.ts'),
  'client_id_metadata_document_supported true': shownIn(
    '../registration/metadata-document.test.ts',
  ),
  'tls_client_certificate_bound_access_tokens true': shownIn('certificate-bound.test.ts'),
};

const isFact = (name: string) => typeof document[name] === 'boolean';
test.each(Object.keys(document).filter(isFact))('%s is a fact', async (name) => {
  const fact = `${name} ${document[name]}`;
  const proof = facts[fact];
  if (!proof) throw new Error(`${fact} is said: add it to "facts" in this file`);
  await proof();
});

test('every list of values is proven, value by value', () => {
  const names = chapters.flatMap((write) => Object.keys(write(op, account).members));
  const proven = new Set(names);
  // Of two that prove the same, one is never looked at.
  expect(names).toHaveLength(proven.size);
  const lists = Object.keys(document).filter((name) => Array.isArray(document[name]));
  expect(lists.filter((name) => !proven.has(name))).toEqual([]);
  const rest = Object.keys(document).filter(
    (name) => ![...listed, ...lists, 'issuer', 'mtls_endpoint_aliases'].includes(name),
  );
  expect(rest.filter((name) => !isFact(name))).toEqual([]);
});
