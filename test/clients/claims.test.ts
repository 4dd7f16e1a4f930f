/**
 * What a client is told of a person: every response type × OpenID conformance × first party, in the
 * ID token of each endpoint, in UserInfo, and in what the refresh token leads to. The person of a
 * third-party client unticks the e-mail.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { responseTypes } from '../../src/clients/values.ts';
import { authorizeUrl, introspect, redeem, refresh, userInfo } from '../flows/requests.ts';
import { createAgent, isConsent, leftFor } from '../support/agent.ts';
import { type Op, startOp, type TestClient } from '../support/op.ts';

let op: Op;
beforeAll(async () => {
  op = await startOp();
});
afterAll(() => op?.close());

/** Of the protocol, in every ID token as the case asks for them; not of the person. */
const protocol = ['iss', 'aud', 'exp', 'iat', 'nonce', 'at_hash', 'c_hash', 's_hash', 'auth_time'];

/** The names of what a token says of the person. */
const about = (token: string): string[] =>
  Object.keys(decodeJwt(token))
    .filter((name) => !protocol.includes(name))
    .sort();

const identity = ['sub'];
const profile = ['name', 'sub', 'updated_at'];
const profileAndEmail = ['email', 'email_verified', ...profile].sort();

const cases = responseTypes.flatMap((type) =>
  [true, false].flatMap((conformance) =>
    [true, false].map((first) => ({ type, conformance, first })),
  ),
);

const made = new Map<string, TestClient>();
async function clientOf(conformance: boolean, first: boolean): Promise<TestClient> {
  const key = `${conformance} ${first}`;
  const known = made.get(key);
  if (known) return known;
  const client = await op.createClient({
    grant_types: ['authorization_code', 'implicit', 'refresh_token'],
    response_types: [...responseTypes],
    openid_conformance: conformance,
    first_party: first,
  });
  made.set(key, client);
  return client;
}

describe.each(cases)(
  '"$type", OpenID conformance $conformance, first party $first',
  ({ type, conformance, first }) => {
    test('tells exactly what was granted, where it belongs', async () => {
      const client = await clientOf(conformance, first);
      const account = await op.createAccount();
      const granted = first ? profileAndEmail : profile;
      // The registration's own words: unless the response type is exactly id_token.
      const inIdTokens = conformance && type !== 'id_token' ? identity : granted;
      const scope = first ? 'openid profile email' : 'openid profile';

      const agent = createAgent(op.issuer);
      const url = authorizeUrl(op, client, {
        response_type: type,
        scope: 'openid profile email',
        nonce: 'a-nonce',
        // Without a code there is nothing that a verifier could be for.
        ...(!type.includes('code') && {
          code_challenge: undefined,
          code_challenge_method: undefined,
        }),
      });
      let page = await agent.login(url, account);
      expect(isConsent(page)).toBe(!first);
      if (!first) page = await agent.consent(page, { untick: ['email'] });
      const left = leftFor(page);
      const answer = new URLSearchParams(left.hash ? left.hash.slice(1) : left.search);
      expect(answer.get('error')).toBeNull();

      const parts = type.split(' ');
      expect(answer.has('code')).toBe(parts.includes('code'));
      expect(answer.has('id_token')).toBe(parts.includes('id_token'));
      expect(answer.has('access_token')).toBe(parts.includes('token'));

      if (parts.includes('id_token')) {
        expect(about(answer.get('id_token') ?? '')).toEqual(inIdTokens);
      }
      if (parts.includes('token')) {
        const token = answer.get('access_token') ?? '';
        expect((await introspect(op, client, token)).scope).toBe(scope);
        expect(Object.keys((await userInfo(op, token)).body).sort()).toEqual(granted);
      }
      if (!parts.includes('code')) return;

      const { body: tokens } = await redeem(op, client, answer.get('code') ?? '');
      expect(tokens.scope).toBe(scope);
      expect(about(tokens.id_token)).toEqual(inIdTokens);
      expect((await introspect(op, client, tokens.access_token)).scope).toBe(scope);
      expect(Object.keys((await userInfo(op, tokens.access_token)).body).sort()).toEqual(granted);

      const refreshScope = conformance ? 'openid' : scope;
      expect((await introspect(op, client, tokens.refresh_token)).scope).toBe(refreshScope);
      let token = tokens.refresh_token;
      // Rotation goes on, and nothing grows with it.
      for (let round = 0; round < 2; round += 1) {
        const { status, body } = await refresh(op, client, token);
        expect(status).toBe(200);
        expect(body.scope).toBe(refreshScope);
        expect(about(body.id_token)).toEqual(inIdTokens);
        expect((await introspect(op, client, body.access_token)).scope).toBe(refreshScope);
        const told = Object.keys((await userInfo(op, body.access_token)).body).sort();
        expect(told).toEqual(conformance ? identity : granted);
        token = body.refresh_token;
      }
      // What was granted may be named again, and leads to no more than when it is not (RFC 6749, section 6).
      const named = await refresh(op, client, token, { scope });
      expect(named).toMatchObject({ status: 200, body: { scope: refreshScope } });
      expect(about(named.body.id_token)).toEqual(inIdTokens);
      token = named.body.refresh_token;
      const lesser = await refresh(op, client, token, { scope: 'profile' });
      expect(lesser).toMatchObject(
        conformance
          ? { status: 400, body: { error: 'invalid_scope' } }
          : { status: 200, body: { scope: 'profile' } },
      );
      token = lesser.body.refresh_token ?? token;
      const never = await refresh(op, client, token, { scope: 'openid profile email phone' });
      expect(never).toMatchObject({ status: 400, body: { error: 'invalid_scope' } });
      if (first) return;
      const declined = await refresh(op, client, token, { scope: 'openid profile email' });
      expect(declined).toMatchObject({ status: 400, body: { error: 'invalid_scope' } });
    });
  },
);
