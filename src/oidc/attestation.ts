/**
 * Clients that an attester vouches for (draft-ietf-oauth-attestation-based-client-auth): the backend
 * of an application attests the key of each of its instances, and the instance proves that it has the
 * key. The operator names the attesters; while there are none, there is no such method.
 */
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  type JSONWebKeySet,
  type JWSHeaderParameters,
  type JWTPayload,
  type JWTVerifyGetKey,
} from 'jose';
import type { Configuration } from 'oidc-provider';
import type { Config } from '../config/schema.ts';
import type { Fetch } from '../lib/fetch.ts';

type Features = NonNullable<Configuration['features']>;
type Attesters = Config['attestation']['issuers'];

export const attestationRoutes = { challenge: '/challenge' } as const;

/** The method that goes with it. */
export const attestationMethods = ({ attestation }: Pick<Config, 'attestation'>) =>
  attestation.issuers.length > 0 ? (['attest_jwt_client_auth'] as const) : [];

/** Finds the key of an attestation. @throws when nobody is trusted to attest this client so */
function keyFinder(attesters: Attesters, fetch: Fetch) {
  const trusted = attesters.map(({ jwks, jwks_uri, ...one }) => ({
    ...one,
    keys: (jwks
      ? createLocalJWKSet(jwks as unknown as JSONWebKeySet)
      : createRemoteJWKSet(new URL(String(jwks_uri)), {
          [customFetch]: (url, init) => fetch(url, init as RequestInit),
        })) as JWTVerifyGetKey,
  }));
  return (header: JWSHeaderParameters, { iss }: JWTPayload, clientId: string) => {
    const attester = trusted.find(
      ({ issuer, clients }) =>
        issuer === iss && (clients.includes('*') || clients.includes(clientId)),
    );
    if (!attester) throw new Error('the issuer of the attestation is not trusted for this client');
    return attester.keys(header as never, undefined as never);
  };
}

/**
 * The engine's feature. @param challengeSecret 32 bytes, the same in every process
 * @param fetch the engine's way out
 */
export function attestation(
  { attestation: { issuers } }: Pick<Config, 'attestation'>,
  challengeSecret: Buffer,
  fetch: Fetch,
): NonNullable<Features['attestClientAuth']> {
  if (issuers.length === 0) return { enabled: false };
  const find = keyFinder(issuers, fetch);
  return {
    enabled: true,
    ack: 'draft-12',
    challengeSecret,
    getAttestationSignaturePublicKey: (_ctx, header, payload, client) =>
      find(header as JWSHeaderParameters, payload as JWTPayload, client.clientId) as never,
    // Everything that it must say the engine has looked at.
    assertAttestationJwtAndPop: () => {},
  };
}
