/**
 * What clients sign for the addresses of `mtls_endpoint_aliases`: DPoP proofs name the one that their
 * request goes to (RFC 9449, section 4.2), client assertions may name the token endpoint or the one
 * that they are sent to (RFC 7523, section 3). The engine knows those below the issuer alone.
 */
import { decodeJwt } from 'jose';
import type { Provider } from 'oidc-provider';
import type { Config } from '../config/schema.ts';
import { around } from './around.ts';
import { aliasBase } from './mtls.ts';

/** Endpoints that take proofs and answer with no address, by the engine's names for their routes. */
const taking = ['token', 'userinfo', 'pushed_authorization_request'] as const;

/** The origin that a proof says it is for; nothing of it is verified here. */
function originIn(proof: string): string | undefined {
  try {
    const { htu } = decodeJwt(proof);
    return typeof htu === 'string' ? URL.parse(htu)?.origin : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Lets proofs and assertions name the alias of an endpoint instead. Both are this endpoint, wherever
 * the request came in, and the engine still compares the whole address.
 * @param routes of the endpoints, as the engine is told of them
 */
export function acceptAliases(
  provider: Provider,
  config: Config,
  routes: Readonly<Record<(typeof taking)[number], string>>,
): void {
  const base = aliasBase(config);
  if (base === undefined) return;
  const { origin } = new URL(base);
  const paths = taking.map((name) => routes[name]);
  around(provider, paths, (ctx, next) => {
    const proof = ctx.get('DPoP');
    if (proof && originIn(proof) === origin) {
      // The engine makes its own address for the comparison from the request's.
      Object.defineProperty(ctx.request, 'href', { value: origin + ctx.originalUrl });
    }
    return next();
  });

  // Both ways: where a proof names the alias, so does what the engine expects.
  const aliases = new Map(
    Object.values(routes).flatMap((route) => [
      [config.issuer + route, base + route],
      [base + route, config.issuer + route],
    ]),
  );
  const context = provider.OIDCContext.prototype;
  const { clientJwtAuthExpectedAudience } = context;
  context.clientJwtAuthExpectedAudience = function expectAliases() {
    const expected = clientJwtAuthExpectedAudience.call(this);
    return new Set([...expected].flatMap((one) => [one, aliases.get(one) ?? one]));
  };
}
