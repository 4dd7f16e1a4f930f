/** What the code is worth. */
import { createHash } from 'node:crypto';
import {
  createLocalJWKSet,
  decodeProtectedHeader,
  type JWSHeaderParameters,
  type JWTPayload,
  jwtVerify,
} from 'jose';
import * as rp from 'openid-client';
import type { Proof } from '../proof.ts';
import type { Step } from '../run.ts';
import { isActive, type Tokens, type Walk } from '../walk.ts';

/** OpenID Connect Core 1.0, section 3.1.3.6, for algorithms whose hash is SHA-256. */
const leftHalf = (value: string) =>
  createHash('sha256').update(value, 'ascii').digest().subarray(0, 16).toString('base64url');

const words = (scope: string | undefined) => new Set(scope?.split(' '));

export const codeExchange: Step<Walk> = {
  name: 'Code for tokens',
  async run(walk, proof) {
    walk.tokens = await rp.authorizationCodeGrant(walk.party, walk.answer, {
      ...walk.request.checks,
      idTokenExpected: true,
    });
    const { tokens } = walk;
    proof.equal('token_type is Bearer', tokens.token_type, 'bearer');
    proof.holds('expires_in is set', Number(tokens.expires_in) > 0, tokens.expires_in);
    proof.holds('ID, access and refresh token', !!tokens.id_token && !!tokens.refresh_token);
    proof.holds('scope is without phone', !words(tokens.scope).has('phone'), tokens.scope);
  },
};

/**
 * Everything that a relying party must check in an ID token (OpenID Connect Core 1.0, section
 * 3.1.3.7), with `jose` and without the help of `openid-client`.
 */
export async function verifyIdToken(
  { jwks, server, client }: Pick<Walk, 'jwks' | 'server' | 'client'>,
  { id_token = '', access_token }: Tokens,
  nonce: string | undefined,
  proof: Proof,
): Promise<{ payload: JWTPayload; header: JWSHeaderParameters }> {
  const now = Math.floor(Date.now() / 1000);
  // Without any option, so that jose checks the signature and we check the claims.
  const { payload, protectedHeader } = await jwtVerify(id_token, createLocalJWKSet(jwks));
  proof.holds(`signature (${protectedHeader.alg}) by the published keys`, true);
  proof.equal('iss', payload.iss, server.issuer);
  proof.equal('aud', payload.aud, client.id);
  proof.equal('nonce', payload.nonce, nonce);
  proof.holds('exp', Number(payload.exp) > now && Number(payload.iat) <= now + 5, payload);
  if (payload.at_hash !== undefined) {
    proof.equal('at_hash', payload.at_hash, leftHalf(access_token));
  }
  return { payload, header: protectedHeader };
}

export const idToken: Step<Walk> = {
  name: 'ID token',
  async run(walk, proof) {
    const nonce = walk.request.checks.expectedNonce;
    const { payload } = await verifyIdToken(walk, walk.tokens, nonce, proof);
    walk.idToken = payload;
    proof.equal('sub', payload.sub, walk.person.id);
    proof.equal('claims of what was allowed', payload.email, walk.person.email);
    proof.equal('no phone_number', payload.phone_number, undefined);
  },
};

export const userInfo: Step<Walk> = {
  name: 'UserInfo',
  async run(walk, proof) {
    const sub = String(walk.idToken.sub);
    const claims = await rp.fetchUserInfo(walk.party, walk.tokens.access_token, sub);
    proof.equal('sub is the ID token’s', claims.sub, sub);
    proof.equal(
      'name and e-mail are the person’s',
      [claims.name, claims.email],
      [walk.person.name, walk.person.email],
    );
    proof.holds(
      'nothing of the phone scope',
      !Object.keys(claims).some((name) => name.startsWith('phone_number')),
      claims,
    );
    const stranger = await fetch(walk.party.serverMetadata().userinfo_endpoint as string);
    proof.equal('no token, no claims (401)', stranger.status, 401);
  },
};

export const introspection: Step<Walk> = {
  name: 'Introspection',
  async run(walk, proof) {
    const seen = await rp.tokenIntrospection(walk.party, walk.tokens.access_token);
    proof.equal('the access token is active', seen.active, true);
    proof.equal('client_id is this client', seen.client_id, walk.client.id);
    proof.equal('sub is this person', seen.sub, walk.person.id);
    proof.holds('scope is without phone', !words(seen.scope).has('phone'), seen.scope);
    proof.equal('an invented token is inactive', await isActive(walk, 'invented'), false);
  },
};

/** A JWT access token, verified by a resource server that knows nothing but the keys (RFC 9068). */
async function verifyAccessToken(walk: Walk, { access_token }: Tokens) {
  const { payload } = await jwtVerify(access_token, createLocalJWKSet(walk.jwks));
  return { payload, header: decodeProtectedHeader(access_token) };
}

export const refresh: Step<Walk> = {
  name: 'Refresh',
  async run(walk, proof) {
    const before = walk.tokens;
    walk.tokens = await rp.refreshTokenGrant(walk.party, String(before.refresh_token));
    const { tokens } = walk;
    proof.holds('a new access token', tokens.access_token !== before.access_token);
    proof.holds(
      'a new refresh token, not the old one',
      !!tokens.refresh_token && tokens.refresh_token !== before.refresh_token,
      tokens.refresh_token,
    );
    proof.equal('the same person', tokens.claims()?.sub, walk.person.id);
    await proof.refused(
      'a scope that was not allowed is refused',
      rp.refreshTokenGrant(walk.party, String(tokens.refresh_token), { scope: 'openid phone' }),
      'invalid_scope',
    );
  },
};

export const resourceToken: Step<Walk> = {
  name: 'JWT access token',
  async run(walk, proof) {
    const tokens = await rp.refreshTokenGrant(walk.party, String(walk.tokens.refresh_token), {
      resource: walk.resource,
    });
    // Rotated once more: the walk goes on with the newest refresh token.
    walk.tokens = { ...walk.tokens, refresh_token: tokens.refresh_token } as Tokens;
    const { payload, header } = await verifyAccessToken(walk, tokens);
    proof.holds(`signature (${header.alg}) by the published keys`, true);
    proof.equal('typ is at+jwt', header.typ, 'at+jwt');
    proof.equal('iss', payload.iss, walk.server.issuer);
    proof.equal('aud is the resource', payload.aud, walk.resource);
    proof.equal('client_id', payload.client_id, walk.client.id);
    proof.equal('sub', payload.sub, walk.person.id);
    proof.equal('scope is orders:read only', payload.scope, 'orders:read');
    proof.holds(
      'no personal claims in it',
      !['phone_number', 'email', 'name'].some((name) => Object.hasOwn(payload, name)),
      payload,
    );
  },
};

export const clientCredentials: Step<Walk> = {
  name: 'Client credentials',
  async run(walk, proof) {
    const machine = new rp.Configuration(
      walk.party.serverMetadata(),
      walk.machine.id,
      undefined,
      rp.ClientSecretBasic(walk.machine.secret),
    );
    rp.allowInsecureRequests(machine);
    const ask = (scope: string, resource = walk.resource) =>
      rp.clientCredentialsGrant(machine, { resource, scope });
    const tokens = await ask('orders:read');
    const { payload } = await verifyAccessToken(walk, tokens);
    proof.equal(
      'the service acts for itself',
      [payload.sub, payload.client_id],
      [walk.machine.id, walk.machine.id],
    );
    proof.equal(
      'scope and aud as registered',
      [payload.scope, payload.aud],
      ['orders:read', walk.resource],
    );
    proof.equal(
      'no ID and no refresh token',
      [tokens.id_token, tokens.refresh_token],
      [undefined, undefined],
    );
    const more = await verifyAccessToken(walk, await ask('orders:read orders:write'));
    proof.equal('a scope not given to it is left out', more.payload.scope, 'orders:read');
    await proof.refused(
      'the administration API is refused',
      ask('clients:read', `${walk.server.issuer}/api/v1`),
      'invalid_target',
    );
  },
};
