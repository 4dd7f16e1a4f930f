/** Whether whoever sends an access token is whom it was made for: a resource server's part (RFC 8705, RFC 9449). */
import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { calculateJwkThumbprint, EmbeddedJWK, type JWK, jwtVerify } from 'jose';

/** What introspection says of a token (RFC 7662, section 2.2). */
export interface Introspected {
  active: boolean;
  cnf?: { jkt?: string; 'x5t#S256'?: string };
}

/** Seconds that a proof is taken for. */
const FRESH = 60;

async function isProven(request: IncomingMessage, url: string, token: string, jkt: string) {
  const { dpop } = request.headers;
  if (typeof dpop !== 'string') return undefined;
  try {
    const { payload, protectedHeader } = await jwtVerify<{ ath: string; htm: string; htu: string }>(
      dpop,
      EmbeddedJWK,
      {
        typ: 'dpop+jwt',
        algorithms: ['PS256', 'ES256', 'Ed25519', 'EdDSA'],
        maxTokenAge: FRESH,
        clockTolerance: 10,
      },
    );
    const target = URL.parse(payload.htu);
    const proven =
      payload.ath === hash('sha256', token, 'base64url') &&
      payload.htm === request.method &&
      target !== null &&
      target.origin + target.pathname === url &&
      (await calculateJwkThumbprint(protectedHeader.jwk as JWK)) === jkt;
    return proven ? payload.jti : undefined;
  } catch {
    return undefined;
  }
}

const certificateOf = (request: IncomingMessage): string | undefined => {
  const presented = (request.socket as TLSSocket).getPeerX509Certificate();
  return presented && hash('sha256', presented.raw, 'base64url');
};

/** @param url that this resource is known by */
export function createTokenCheck(
  url: string,
  introspect: (token: string) => Promise<Introspected>,
): (request: IncomingMessage) => Promise<boolean> {
  const used = new Set<string>();
  return async (request) => {
    const [, scheme, token] =
      /^(Bearer|DPoP) ([\w.~+/=-]+)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (!scheme || !token) return false;
    const { active, cnf } = await introspect(token);
    if (!active) return false;
    if (cnf?.['x5t#S256']) return cnf['x5t#S256'] === certificateOf(request);
    if (!cnf?.jkt || scheme.toLowerCase() !== 'dpop') return false;
    const jti = await isProven(request, url, token, cnf.jkt);
    if (jti === undefined || used.has(jti)) return false;
    used.add(jti);
    return true;
  };
}
