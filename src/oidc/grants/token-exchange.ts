/**
 * Token exchange (RFC 8693): a client has a person's token of another client, and wants one of its
 * own for it. It is never worth more than the one that it was made from: no wider scope, no longer
 * life, no other resource than the person granted, and gone when that grant is.
 */
import {
  type AccessToken,
  errors,
  type Provider,
  type TokenEndpointGrantContext,
} from 'oidc-provider';
import { epoch } from '../../lib/time.ts';
import type { ExtraProperties } from '../client.ts';
import { type Actor, checkPolicy, nextActor } from './actor.ts';
import { derivedId } from './derived.ts';
import type { FindDetails } from './exchanged-details.ts';
import { bind, holds, type Prove } from './proof.ts';
import {
  ACCESS_TOKEN,
  findGranted,
  type Granted,
  JWT,
  type Presented,
  type Role,
  readToken,
} from './subject-token.ts';
import { type ResourceFinder, requestedResource, requestedScopes } from './target.ts';

export const exchangeParameters = [
  'actor_token',
  'actor_token_type',
  'audience',
  'authorization_details',
  'requested_token_type',
  'resource',
  'scope',
  'subject_token',
  'subject_token_type',
] as const;

type Parameters = { [K in (typeof exchangeParameters)[number]]?: string };
type Context = TokenEndpointGrantContext;

/** Where the actor of a token waits for the moment in which the engine asks for its claims. */
const ACTOR = Symbol('act');

/** The claims that go with a token of this grant. */
export const exchangeClaims = (ctx: { state?: Record<PropertyKey, unknown> }): { act?: Actor } => {
  const act = ctx.state?.[ACTOR] as Actor | undefined;
  return act ? { act } : {};
};

const words = (scope: string): string[] => scope.split(' ').filter(Boolean);

/** The scopes of a resource that the subject token is worth; undefined when it is worth none of it. */
function worth(subject: Presented, { grants }: Granted, resource: string): string[] | undefined {
  if (subject.scopes && subject.audience === resource) return [...subject.scopes];
  const granted = new Set(grants.flatMap((grant) => words(grant.getResourceScope(resource))));
  if (granted.size === 0) return undefined;
  return [...granted].filter((scope) => subject.scopes?.has(scope) ?? true);
}

/** What of it the new token gets: all that both sides have, or what is asked for and no less. */
function narrow(had: readonly string[], allowed: ReadonlySet<string>, asked?: string[]): string {
  const most = had.filter((scope) => allowed.has(scope));
  const beyond = asked?.filter((scope) => !most.includes(scope)) ?? [];
  if (beyond.length > 0) {
    throw new errors.InvalidScope(
      'more than the subject_token has, or than this client may have',
      beyond.join(' '),
    );
  }
  return (asked ?? most).join(' ');
}

/** A grant of the new token's own: the engine takes no token for a grant of another client. */
async function deriveGrant(
  provider: Provider,
  clientId: string,
  { accountId, origin }: Granted,
  { resource, scope, expiresIn }: { resource: string; scope: string; expiresIn: number },
): Promise<string> {
  const grant = new provider.Grant({ accountId, clientId, expiresIn } as object);
  grant.jti = derivedId(origin);
  if (scope) grant.addResourceScope(resource, scope);
  return grant.save();
}

function requestedType(asked: string | undefined, format: string | undefined): string {
  if (asked === undefined || asked === ACCESS_TOKEN) return ACCESS_TOKEN;
  if (asked === JWT && format === 'jwt') return JWT;
  throw new errors.InvalidRequest(
    asked === JWT
      ? 'requested_token_type: tokens for this resource are opaque'
      : `requested_token_type must be ${ACCESS_TOKEN} or ${JWT}`,
  );
}

export function tokenExchange(
  findResource: ResourceFinder,
  findAccount: (id: string) => Promise<{ disabled: boolean } | undefined>,
  prove: Prove,
  findDetails: FindDetails,
) {
  /** Reads both tokens, and refuses who does not hold what they are bound to. */
  async function readBoth(ctx: Context) {
    const { provider, params } = ctx.oidc;
    const given = params as Parameters;
    const proven = await prove(ctx);
    const subject = await readToken(provider, 'subject_token', {
      value: given.subject_token,
      type: given.subject_token_type,
    });
    const delegates = given.actor_token !== undefined || given.actor_token_type !== undefined;
    const actor = delegates
      ? await readToken(provider, 'actor_token', {
          value: given.actor_token,
          type: given.actor_token_type,
        })
      : undefined;
    for (const [role, token] of Object.entries({ subject_token: subject, actor_token: actor })) {
      if (token && !holds(proven, token.confirmation)) {
        throw new errors.InvalidRequest(
          `${role} is bound to a key that this request does not prove`,
        );
      }
    }
    return { subject, actor, proven };
  }

  /** What the person of a token has granted, as long as there is such a person. */
  async function findLiving(provider: Provider, token: Presented, role: Role): Promise<Granted> {
    const granted = await findGranted(provider, token, role);
    const account = await findAccount(granted.accountId);
    if (account && !account.disabled) return granted;
    throw new errors.InvalidRequest(`${role} is about an account that is not there`);
  }

  return async function handle(ctx: Context): Promise<void> {
    const { provider, client, params, issuer } = ctx.oidc;
    const policy = (client as unknown as ExtraProperties).token_exchange;
    if (client.clientAuthMethod === 'none' || !policy) {
      throw new errors.UnauthorizedClient(
        'token exchange needs a confidential client with a token_exchange policy',
      );
    }
    const { subject, actor, proven } = await readBoth(ctx);
    checkPolicy(policy, subject, actor !== undefined);
    const act = nextActor(subject, actor, { clientId: client.clientId, issuer });

    const granted = await findLiving(provider, subject, 'subject_token');
    if (actor?.accountId !== undefined) await findLiving(provider, actor, 'actor_token');
    const identifier = requestedResource(ctx) ?? subject.audience;
    if (!identifier) throw new errors.InvalidTarget('name the resource that the token is for');
    const resourceServer = await findResource(ctx, identifier);
    const had = worth(subject, granted, identifier);
    if (!had) throw new errors.InvalidTarget('the subject_token leads to nothing of this resource');
    const scope = narrow(had, resourceServer.scopes, requestedScopes(ctx));
    const details = await findDetails(
      subject,
      identifier,
      client,
      (params as Parameters).authorization_details,
    );
    const issued_token_type = requestedType(
      (params as Parameters).requested_token_type,
      resourceServer.accessTokenFormat,
    );

    const left = subject.exp - epoch();
    const expiresIn = Math.min(resourceServer.accessTokenTTL ?? left, left);
    const derived = { resource: identifier, scope, expiresIn };
    const grantId = await deriveGrant(provider, client.clientId, granted, derived);
    // The other grant may have ended meanwhile, too early to take this one with it.
    await findGranted(provider, subject).catch(async (error) => {
      await provider.Grant.adapter.destroy(grantId);
      throw error;
    });
    const token: AccessToken = new provider.AccessToken({
      accountId: granted.accountId,
      client,
      grantId,
      gty: String(params.grant_type),
      scope,
      resourceServer,
      expiresIn,
      ...(details.length > 0 && { rar: details }),
    });
    bind(ctx, token, proven);
    ctx.state[ACTOR as never] = act;
    ctx.oidc.entity('AccessToken', token);
    const access_token = await token.save();
    ctx.body = {
      access_token,
      issued_token_type,
      token_type: token.tokenType,
      expires_in: expiresIn,
      ...(scope && { scope }),
      ...(details.length > 0 && { authorization_details: details }),
    };
  };
}
