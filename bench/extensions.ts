/** What servers do beyond the core of OpenID Connect. */
import { createPrivateKey, type KeyObject, randomUUID, sign } from 'node:crypto';
import { DEVICE_CODE, TOKEN_EXCHANGE } from '../src/clients/values.ts';
import { codeOf, createBrowser } from './browser.ts';
import { redirects } from './client.ts';
import { basic } from './fixture.ts';
import { clientCredentials, type Operation, repeat } from './operations.ts';
import { authorizeParameters, authorizeUrl, manySignedIn, redeem, type Target } from './target.ts';

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A JWT with ES256 (RFC 7518, section 3.4). */
function signed(key: KeyObject, header: object, claims: object): string {
  const input = `${encode({ alg: 'ES256', ...header })}.${encode(claims)}`;
  const signature = sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

const keyOf = ({ fixture }: Target) =>
  createPrivateKey({ key: fixture.signer.private, format: 'jwk' });
const now = () => Math.floor(Date.now() / 1000);

/** Tokens of a person for the resource, once for each lane. */
async function subjects(target: Target, lanes: number): Promise<string[]> {
  const { identifier, scope } = target.fixture.resource;
  const { email, password } = target.fixture.account;
  const more = { resource: identifier, scope: `openid ${scope}` };
  const browser = createBrowser(target.http, target.child.url);
  const tokens: string[] = [];
  for (let lane = 0; lane < lanes; lane += 1) {
    const code = await browser.signIn(authorizeUrl(target, more), email, password);
    tokens.push((await redeem(target, code, { resource: identifier })).access_token);
  }
  return tokens;
}

/** In the order of the table. */
export const extensions: readonly Operation[] = [
  {
    name: 'pushed request (PAR)',
    floor: 0.6,
    prepare(target, lanes) {
      const to = target.endpoints.pushed_authorization_request_endpoint;
      const headers = { authorization: basic(target.fixture.web) };
      const form = authorizeParameters(target);
      return repeat(lanes, () => target.http.send({ to, headers, form }, 201));
    },
  },
  {
    name: 'code flow, signed request (JAR)',
    floor: 0.6,
    async prepare(target, lanes) {
      const { client_id, response_type, scope, ...rest } = authorizeParameters(target);
      const who = { iss: client_id, aud: target.child.url, client_id };
      const times = { iat: now(), nbf: now(), exp: now() + 300 };
      const claims = { ...who, ...times, response_type, scope, ...rest };
      const request = signed(keyOf(target), { typ: 'oauth-authz-req+jwt' }, claims);
      const parameters = new URLSearchParams({ client_id, response_type, scope, request });
      const to = `${target.endpoints.authorization_endpoint}?${parameters}`;
      return (await manySignedIn(target, lanes)).map(({ browser }) => async () => {
        const headers = { cookie: browser.cookies() };
        const answer = await target.http.send({ to, headers }, redirects);
        return redeem(target, codeOf(answer.header('location')));
      });
    },
  },
  {
    name: 'client credentials, DPoP',
    floor: 0.6,
    prepare(target, lanes) {
      const to = target.endpoints.token_endpoint;
      const form = { grant_type: 'client_credentials' };
      const authorization = basic(target.fixture.service);
      const [key, header] = [keyOf(target), { typ: 'dpop+jwt', jwk: target.fixture.signer.public }];
      return repeat(lanes, async () => {
        const claims = { jti: randomUUID(), htm: 'POST', htu: to, iat: now() };
        const headers = { authorization, dpop: signed(key, header, claims) };
        const { body } = await target.http.send({ to, headers, form }, 200);
        if (!body.includes('"token_type":"DPoP"')) throw new Error(`not bound: ${body}`);
      });
    },
  },
  {
    name: 'device flow',
    floor: 0.3,
    async prepare(target, lanes) {
      const { client_id } = target.fixture.device;
      const ask = (to: string, form: Record<string, string>) =>
        target.http.send({ to, form: { client_id, ...form } }, 200);
      return (await manySignedIn(target, lanes)).map(({ browser }) => async () => {
        const asked = await ask(target.endpoints.device_authorization_endpoint, {
          scope: 'openid',
        });
        const { device_code, verification_uri_complete } = JSON.parse(asked.body);
        await browser.answer(verification_uri_complete, { confirm: 'yes' });
        return ask(target.endpoints.token_endpoint, { grant_type: DEVICE_CODE, device_code });
      });
    },
  },
  {
    name: 'token exchange',
    floor: 0.1,
    async prepare(target, lanes) {
      const to = target.endpoints.token_endpoint;
      const headers = { authorization: basic(target.fixture.service) };
      return (await subjects(target, lanes)).map((subject_token) => {
        const form = {
          grant_type: TOKEN_EXCHANGE,
          resource: target.fixture.resource.identifier,
          subject_token,
          subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        };
        return () => target.http.send({ to, headers, form }, 200);
      });
    },
    // The grant is ours alone: plain issues a JWT for the same resource, for nobody's token.
    counterpart: clientCredentials(({ fixture: { resource } }) => ({
      resource: resource.identifier,
      scope: resource.scope,
    })),
  },
];
