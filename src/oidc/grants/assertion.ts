/** Assertions as authorization grants: who may make them, about whom, and that each counts once. */
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  decodeJwt,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
  errors as jose,
  jwtVerify,
} from 'jose';
import { type Client, errors, type TokenEndpointGrantContext } from 'oidc-provider';
import { asymmetricAlgs } from '../../clients/values.ts';
import type { Config } from '../../config/schema.ts';
import type { Fetch } from '../../lib/fetch.ts';
import { Recent } from '../../lib/recent.ts';
import { epoch } from '../../lib/time.ts';
import { isTyped } from '../jwt-types.ts';

/** Seconds that clocks may differ. */
const TOLERANCE = 30;
/** Seconds; of an assertion, from now. */
const LONGEST_LIFE = 3600;
const LONGEST = 16_384;
/** Addresses of keys that are remembered. */
const KEYS = 1000;

/** What an assertion says that was found good. */
export interface Assertion {
  sub: string;
  /** Whether `sub` names an account; else it is the client itself. */
  account: boolean;
}

/** @source RFC 7521, section 4.1.1: `invalid_grant`, with the reason */
export const refuse = (why: string) =>
  new errors.CustomOIDCProviderError('invalid_grant', `assertion ${why}`);

/** What is wrong, by the code of the error. */
const reasons: Readonly<Record<string, string>> = {
  ERR_JWT_EXPIRED: 'has expired',
  ERR_JWT_CLAIM_VALIDATION_FAILED: 'lacks iss, sub, aud, exp or jti, or is not valid yet',
  ERR_JOSE_ALG_NOT_ALLOWED: `must be signed with one of ${asymmetricAlgs.join(', ')}`,
  ERR_JWKS_NO_MATCHING_KEY: 'is signed with a key that is not its issuer’s',
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: 'must name its key with kid, since its issuer has several',
};

/** Whose word counts, with the keys that it is signed with. */
interface Trust {
  keys: JWTVerifyGetKey;
  account: boolean;
}

type Issuers = Config['jwt_bearer']['issuers'];

/** @param fetch how the keys at a client's `jwks_uri` are fetched */
export function assertionChecker(issuers: Issuers, fetch: Fetch) {
  const remote = new Recent<string, JWTVerifyGetKey>(KEYS);
  function keysAt(uri: string): JWTVerifyGetKey {
    const known = remote.get(uri);
    if (known) return known;
    const keys = createRemoteJWKSet(new URL(uri), {
      [customFetch]: (url, init) => fetch(url, init as RequestInit),
    });
    remote.set(uri, keys);
    return keys;
  }
  const ownKeys = ({ jwks, jwksUri }: Client): JWTVerifyGetKey | undefined => {
    if (jwks) return createLocalJWKSet(jwks as JSONWebKeySet);
    return jwksUri === undefined ? undefined : keysAt(jwksUri);
  };
  // The operator's own addresses are fetched wherever they are, as those of trust anchors.
  const trusted = issuers.map(({ jwks, jwks_uri, ...one }) => ({
    ...one,
    keys: jwks
      ? createLocalJWKSet(jwks as unknown as JSONWebKeySet)
      : createRemoteJWKSet(new URL(String(jwks_uri))),
  }));

  function trustIn(iss: unknown, client: Client): Trust {
    if (iss === client.clientId) {
      const keys = ownKeys(client);
      if (keys) return { keys, account: false };
      throw refuse('is the client’s own, which has no registered keys: register jwks or jwks_uri');
    }
    const known = trusted.find(
      ({ issuer, clients }) =>
        issuer === iss && (clients.includes('*') || clients.includes(client.clientId)),
    );
    if (!known) throw refuse('is of an issuer that is not trusted for this client');
    return { keys: known.keys, account: known.subject === 'account' };
  }

  const payloadOf = (value: unknown): JWTPayload => {
    if (typeof value !== 'string' || !value) {
      throw new errors.InvalidRequest("missing required parameter(s) 'assertion'");
    }
    try {
      if (value.length <= LONGEST) return decodeJwt(value);
    } catch {
      // The same as one that is too long.
    }
    throw refuse(`must be a signed JWT of at most ${LONGEST} characters`);
  };

  /** @throws {errors.CustomOIDCProviderError} `invalid_grant` */
  return async (ctx: TokenEndpointGrantContext, value: unknown): Promise<Assertion> => {
    const { client, issuer, provider } = ctx.oidc;
    const { iss } = payloadOf(value);
    const { keys, account } = trustIn(iss, client);
    const { payload, protectedHeader } = await jwtVerify(value as string, keys, {
      algorithms: [...asymmetricAlgs],
      requiredClaims: ['sub', 'aud', 'exp', 'jti'],
      clockTolerance: TOLERANCE,
    }).catch((error) => {
      const known = error instanceof jose.JOSEError ? reasons[error.code] : undefined;
      throw refuse(known ?? 'has a signature that does not verify, or keys that cannot be had now');
    });
    if (!isTyped(protectedHeader.typ, 'authorization-grant+jwt')) {
      throw refuse('has the type of another kind of JWT (typ)');
    }
    const { sub = '', aud, exp = 0, jti = '' } = payload;
    // One for several is one that each of them can present (CVE-2025-27370).
    const audience = Array.isArray(aud) && aud.length === 1 ? aud[0] : aud;
    if (!ctx.oidc.clientJwtAuthExpectedAudience().has(String(audience))) {
      throw refuse(`must be for this server alone: aud is ${issuer}`);
    }
    if (exp > epoch() + LONGEST_LIFE + TOLERANCE) throw refuse('must end within an hour (exp)');
    if (!account && sub !== client.clientId) throw refuse('must be about the client itself (sub)');
    const { ReplayDetection } = provider;
    if (!(await ReplayDetection.unique(String(iss), jti, exp + TOLERANCE)))
      throw refuse('was used before: each needs a jti of its own');
    return { sub, account };
  };
}
