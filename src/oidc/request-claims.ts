/**
 * What request objects must say of themselves. The engine leaves this to whoever sets
 * `features.requestObjects.assertJwtClaimsAndHeader`, its own checks included.
 */
import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import { checkRequestEncryption } from './request-encryption.ts';

/** FAPI 1.0 Part 2 Advanced (Final), 5.2.2-13 and 5.2.2-17; FAPI 2.0 Message Signing (Final), 5.3.1. */
const ofProfiles = ['exp', 'aud', 'nbf'];
/** OpenID Connect CIBA Core 1.0, section 7.1.1. */
const ofBackchannel = ['exp', 'iat', 'nbf', 'jti'];

/** Seconds from its `nbf` to its `exp`, at most, where a profile says so. */
const LONGEST = 3600;

function checkClaims(ctx: KoaContextWithOIDC, claims: Readonly<Record<string, unknown>>): void {
  const held = ctx.oidc.isFapi('1.0 Final', '2.0') !== undefined;
  const needed = [
    ...(held ? ofProfiles : []),
    ...(ctx.oidc.route === 'backchannel_authentication' ? ofBackchannel : []),
  ];
  const missing = needed.find((name) => claims[name] === undefined);
  if (missing) {
    throw new errors.InvalidRequestObject(`Request Object is missing the '${missing}' claim`);
  }
  const life = Number(claims.exp) - Number(claims.nbf);
  if (held && !(life > 0 && life <= LONGEST)) {
    throw new errors.InvalidRequestObject("Request Object 'exp' claim too far from 'nbf' claim");
  }
}

/** `features.requestObjects.assertJwtClaimsAndHeader` */
export function checkRequestObject(
  ctx: KoaContextWithOIDC,
  claims: Readonly<Record<string, unknown>>,
  header: unknown,
  client: Parameters<typeof checkRequestEncryption>[3],
): void {
  checkClaims(ctx, claims);
  checkRequestEncryption(ctx, claims, header, client);
}
