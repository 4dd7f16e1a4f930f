import {
  createLocalJWKSet,
  createRemoteJWKSet,
  decodeJwt,
  errors,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose';
import type { Config } from '../config/schema.ts';
import { RegistrationError } from './errors.ts';
import { registrableOf } from './to-metadata.ts';

/** Asymmetric alone: with a public key for an HMAC key, anybody could sign. */
const algorithms = ['RS256', 'PS256', 'ES256', 'Ed25519', 'EdDSA'];
const CLOCK_TOLERANCE = 30;
const LONGEST = 16_384;

export interface Statements {
  /**
   * What a software statement says of a client (RFC 7591, section 2.3). Of its claims only what a
   * client may register counts: statements carry much that is about the software alone.
   * @throws {RegistrationError} `invalid_software_statement`, `unapproved_software_statement`
   */
  verify(statement: unknown): Promise<Record<string, unknown>>;
}

const invalid = (why: string, cause?: unknown) =>
  new RegistrationError('invalid_software_statement', `software_statement ${why}`, { cause });

/** What is wrong, by the code of the error. */
const reasons: Readonly<Record<string, string>> = {
  ERR_JWT_EXPIRED: 'has expired',
  ERR_JWT_CLAIM_VALIDATION_FAILED: 'is not for this server, or not yet',
  ERR_JOSE_ALG_NOT_ALLOWED: `must be signed with one of ${algorithms.join(', ')}`,
  ERR_JWKS_NO_MATCHING_KEY: 'is signed with a key that its issuer does not publish',
};

/** @param anchors whose statements count; @param audience the issuer of this server */
export function createStatements(
  anchors: Config['registration']['trust_anchors'],
  audience: string,
): Statements {
  const keys = new Map<string, JWTVerifyGetKey>(
    anchors.map(({ issuer, jwks, jwks_uri }) => [
      issuer,
      jwks
        ? createLocalJWKSet(jwks as unknown as JSONWebKeySet)
        : createRemoteJWKSet(new URL(jwks_uri as string)),
    ]),
  );

  const issuerOf = (statement: string): unknown => {
    try {
      return decodeJwt(statement).iss;
    } catch (error) {
      throw invalid('is not a signed JWT', error);
    }
  };

  return {
    async verify(statement) {
      if (typeof statement !== 'string' || statement.length > LONGEST) {
        throw invalid(`must be a signed JWT of at most ${LONGEST} characters`);
      }
      const issuer = issuerOf(statement);
      const key = typeof issuer === 'string' ? keys.get(issuer) : undefined;
      if (typeof issuer !== 'string' || !key) {
        throw new RegistrationError(
          'unapproved_software_statement',
          'software_statement is of an issuer that is not trusted here',
        );
      }
      const verified = await jwtVerify(statement, key, {
        issuer,
        algorithms,
        clockTolerance: CLOCK_TOLERANCE,
        ...(decodeJwt(statement).aud !== undefined && { audience }),
      }).catch((error) => {
        if (error instanceof errors.JWKSTimeout || !(error instanceof errors.JOSEError)) {
          throw new RegistrationError(
            'temporarily_unavailable',
            'the keys of the issuer of software_statement cannot be had now',
            { headers: { 'Retry-After': '60' }, cause: error },
          );
        }
        throw invalid(reasons[error.code] ?? 'has a signature that does not verify', error);
      });
      return registrableOf(verified.payload);
    },
  };
}
