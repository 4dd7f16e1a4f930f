/** Proofs of possession (RFC 9449, section 4.2), whose every claim is the test's own. */
import { hash, randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { epoch } from '../../src/lib/time.ts';

export interface Holder {
  /** @param claims laid upon those of a good proof; @param accessToken presented with it */
  prove(method: string, uri: string, claims?: object, accessToken?: string): Promise<string>;
}

/** Somebody with a key of their own. */
export async function createHolder(alg = 'ES256'): Promise<Holder> {
  const { privateKey, publicKey } = await generateKeyPair(alg);
  const jwk = await exportJWK(publicKey);
  return {
    prove(htm, htu, claims = {}, accessToken) {
      const good = { jti: randomUUID(), htm, htu, iat: epoch() };
      const ath =
        accessToken === undefined ? {} : { ath: hash('sha256', accessToken, 'base64url') };
      return new SignJWT({ ...good, ...ath, ...(claims as JWTPayload) })
        .setProtectedHeader({ alg, typ: 'dpop+jwt', jwk })
        .sign(privateKey);
    },
  };
}
