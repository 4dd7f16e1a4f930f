/**
 * Rich Authorization Requests (RFC 9396), as the engine is told of them: what of a request fits a type
 * that a resource declares, what a grant's tokens carry, and who reads it. Types come and go with the
 * resources while the server runs.
 */
import {
  type AuthorizationDetailsForIntrospection,
  errors,
  type KoaContextWithOIDC,
  type Provider,
  type RichAuthorizationRequestsActiveConfiguration,
} from 'oidc-provider';
import { type Detail, detailKey, detailSchema, isWithin } from '../clients/detail-values.ts';
import { allowedScopes, detailTypeOf } from '../clients/resource.ts';
import type { Resources } from '../clients/resources.ts';
import { nestsDeeper } from '../lib/json-depth.ts';
import { schemaViolations } from '../lib/schema-violations.ts';
import { askedResources, readDetails, targetsOf } from './requested-details.ts';

type Feature = RichAuthorizationRequestsActiveConfiguration & {
  authorizationDetailsForIntrospection: AuthorizationDetailsForIntrospection;
};

/** In one request: more than a person would read. */
const MOST_DETAILS = 10;
const LONGEST_REQUEST = 16_384;

const BEYOND = 'is not within what was granted';

/** @source RFC 6749, section 5.2: what may stand in a description */
const printable = (text: string) =>
  text
    .replaceAll('"', "'")
    .replace(/[^\x20-\x5b\x5d-\x7e]/g, '?')
    .slice(0, 400);

const refuse = (pointer: string, what: string): never => {
  throw new errors.InvalidAuthorizationDetails(
    printable(`authorization_details${pointer}: ${what}`),
  );
};

/**
 * What was granted with the code or refresh token of a token request. Looked at before the engine
 * does: it would have used up by then what is presented.
 */
async function grantedBefore({ oidc }: KoaContextWithOIDC): Promise<Detail[] | undefined> {
  if (oidc.route !== 'token') return undefined;
  const { AuthorizationCode, RefreshToken } = oidc.provider as Provider;
  const { code, refresh_token } = oidc.params as Record<string, unknown>;
  const source =
    typeof refresh_token === 'string'
      ? await RefreshToken.find(refresh_token)
      : typeof code === 'string' && (await AuthorizationCode.find(code));
  // Another client's says nothing here; the engine refuses it.
  const isOwn = source && source.clientId === oidc.client?.clientId;
  return isOwn ? ((source.rar ?? []) as Detail[]) : undefined;
}

/** Whether a detail is for a resource, as that is now. */
export async function isFor(
  resources: Resources,
  identifier: string,
  detail: Detail,
): Promise<boolean> {
  if (detail.locations && !detail.locations.includes(identifier)) return false;
  return detailTypeOf(await resources.find(identifier), detail.type) !== undefined;
}

/** `features.richAuthorizationRequests`, and how it learns of the types that there are. */
export function authorizationDetails(resources: Resources) {
  async function validate(ctx: KoaContextWithOIDC, detail: Detail, client: { clientId: string }) {
    const { authorization_details: text } = ctx.oidc.params as { authorization_details: string };
    if (text.length > LONGEST_REQUEST) refuse('', `at most ${LONGEST_REQUEST} characters`);
    if (nestsDeeper(text, 6)) refuse('', 'nests too deep');
    const all = readDetails(text);
    if (all.length > MOST_DETAILS) refuse('', `at most ${MOST_DETAILS} at once`);
    const key = detailKey(detail);
    const at = `/${all.findIndex((one) => detailKey(one) === key)}`;
    const given = await grantedBefore(ctx);
    if (given?.some((one) => isWithin(detail, one)) === false) refuse(at, BEYOND);

    const table = resources.types.current();
    const asked = askedResources(ctx);
    const targets = targetsOf(detail, table, asked);
    if (targets.length === 0)
      refuse(`${at}/type`, 'no resource of the request declares it, name one that does');
    for (const target of targets) {
      const resource = await resources.find(target);
      const type = detailTypeOf(resource, detail.type);
      const open = resource && allowedScopes(resource, client.clientId);
      if (!type || !open)
        return refuse(`${at}/locations`, 'names no resource that this client may ask for this');
      if (asked.length > 0 && !asked.includes(target))
        refuse(`${at}/locations`, 'names a resource that the request does not');
      const parsed = detailSchema(type).safeParse(detail);
      const [flaw] = parsed.success ? [] : schemaViolations(parsed.error.issues);
      if (flaw) refuse(`${at}${flaw.pointer}`, flaw.detail);
    }
  }

  const entry = { validate };
  const types: Record<string, typeof entry> = {};
  resources.types.follow((table) => {
    for (const name of Object.keys(types)) if (!table.has(name)) delete types[name];
    for (const name of table.keys()) types[name] = entry;
  });

  /** What of the granted details an access token carries: those for its resource, or what is asked of them. */
  const ofToken: Feature['authorizationDetailsForAccessToken'] = async (ctx, token, source) => {
    const asked = readDetails(ctx.oidc.params?.authorization_details);
    const given = source ? ((source.rar ?? []) as Detail[]) : asked;
    const beyond = asked.findIndex((one) => !given.some((other) => isWithin(one, other)));
    if (beyond >= 0) refuse(`/${beyond}`, BEYOND);
    const identifier = token.resourceServer?.identifier();
    if (identifier === undefined) return undefined;
    const registered = (ctx.oidc.client as { authorizationDetailsTypes?: string[] } | undefined)
      ?.authorizationDetailsTypes;
    const chosen = asked.length > 0 ? asked : given;
    const kept = await Promise.all(
      chosen.map(
        async (one) =>
          registered?.includes(one.type) && (await isFor(resources, identifier, one)) && one,
      ),
    );
    return kept.filter((one) => typeof one === 'object');
  };

  const options: Feature = {
    enabled: true,
    types: types as Feature['types'],
    authorizationDetailsForGrantSource(ctx) {
      const asked = readDetails(ctx.oidc.params?.authorization_details);
      if (asked.length === 0) return asked;
      const granted = new Set((ctx.oidc.grant?.rar ?? []).map(detailKey));
      return asked.filter((one) => granted.has(detailKey(one)));
    },
    authorizationDetailsForAccessToken: ofToken,
    // A refresh token is its client's alone; whoever else may ask learns of access tokens.
    authorizationDetailsForIntrospection: (ctx, token) =>
      token.kind === 'RefreshToken' && token.clientId !== ctx.oidc.client?.clientId
        ? undefined
        : token.rar,
  };

  return {
    // The engine copies plain objects and takes others as they are: `types` must stay ours.
    feature: Object.assign(Object.create(null), options) as Feature,
    /** Refreshes the types before the engine looks at a request; nobody waits while none has changed. */
    follow(provider: Provider): void {
      provider.use((_ctx, next) => {
        const refreshed = resources.types.refresh();
        return refreshed ? refreshed.then(next) : next();
      });
    },
  };
}
