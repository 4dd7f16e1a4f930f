/**
 * A token that somebody presents to have another one for it. It must be one of this server's, alive,
 * and still granted by the person whom it is about.
 */
import { decodeJwt, decodeProtectedHeader, type JWTPayload } from 'jose';
import { type Client, errors, type Grant, type Provider } from 'oidc-provider';
import type { Detail } from '../../clients/detail-values.ts';
import { signingAlgs } from '../../clients/values.ts';
import { epoch } from '../../lib/time.ts';
import type { GrantAdapter } from '../adapter.ts';
import { type Actor, actorOf } from './actor.ts';
import { originOfGrant, originOfPair } from './derived.ts';
import type { Confirmation } from './proof.ts';

const type = 'urn:ietf:params:oauth:token-type:';
export const ACCESS_TOKEN = `${type}access_token`;
export const JWT = `${type}jwt`;
export const ID_TOKEN = `${type}id_token`;

/** What a presented token says. */
export interface Presented {
  /** The client that it was issued to. */
  clientId: string;
  /** As tokens for that client name who it is about; undefined when only the server knows. */
  sub?: string | undefined;
  /** Whom it is about; undefined when that is a program. */
  accountId?: string | undefined;
  /** The resource that it is for. */
  audience?: string | undefined;
  /** What it allows; undefined of an ID token, which allows nothing by itself. */
  scopes?: ReadonlySet<string> | undefined;
  /** What it allows beyond scopes (RFC 9396). */
  details?: readonly Detail[] | undefined;
  /** When it ends, seconds since the epoch. */
  exp: number;
  confirmation: Confirmation;
  /** @source RFC 8693, section 4.1 */
  act?: Actor | undefined;
  /** @source RFC 8693, section 4.4 */
  may_act?: unknown;
  grantId?: string | undefined;
}

/** Which of the two parameters is spoken of. */
export type Role = 'subject_token' | 'actor_token';

/** @source RFC 8693, section 2.2.2: `invalid_request` for a token that is not valid */
const refuse = (role: Role, why: string) => new errors.InvalidRequest(`${role} ${why}`);

const unusable = 'is not a living token of this server of the type that is given';

async function findOpaque(provider: Provider, value: string): Promise<Presented | undefined> {
  const token =
    (await provider.AccessToken.find(value)) ?? (await provider.ClientCredentials.find(value));
  if (!token?.isValid || token.exp === undefined || !token.clientId) return undefined;
  const accountId = 'accountId' in token ? token.accountId : undefined;
  const client = await provider.Client.find(token.clientId);
  return {
    clientId: token.clientId,
    sub: accountId === undefined ? token.clientId : named(client, accountId),
    accountId,
    audience: token.aud as string | undefined,
    scopes: token.scopes,
    details: token.rar as Detail[] | undefined,
    exp: token.exp,
    confirmation: { jkt: token.jkt, 'x5t#S256': token['x5t#S256'] },
    act: actorOf(token.extra?.act),
    may_act: token.extra?.may_act,
    grantId: 'grantId' in token ? token.grantId : undefined,
  };
}

const named = (client: Client | undefined, accountId: string) =>
  client?.subjectType === 'pairwise' ? undefined : accountId;

/**
 * The claims of a JWT that this server signed for an audience. The engine looks its keys up, whichever
 * are in use, for an ID token of a client; the audience and the algorithm are all that it asks of that.
 */
async function verify(
  provider: Provider,
  value: string,
  { alg }: { alg?: string },
  { aud }: JWTPayload,
): Promise<JWTPayload & { exp: number; sub: string; aud: string }> {
  if (typeof aud !== 'string' || !signingAlgs.some((known) => known === alg)) throw new Error(alg);
  const audience = { clientId: aud, idTokenSignedResponseAlg: alg } as unknown as Client;
  const { payload } = await provider.IdToken.validate(value, audience);
  const { exp, sub } = payload as JWTPayload;
  if (exp === undefined || exp <= epoch() || sub === undefined) throw new Error('expired');
  return { ...payload, exp, sub, aud };
}

/** What a JWT's header says it is, and whether it is the one or the other. */
const typed: Readonly<Record<string, (typ: unknown) => boolean>> = {
  // RFC 9068, section 2.1. Logout tokens and the like have a type of their own, too.
  access_token: (typ) => typ === 'at+jwt',
  id_token: (typ) => typ === undefined,
};

async function findJwt(
  provider: Provider,
  value: string,
  kind: 'access_token' | 'id_token',
): Promise<Presented | undefined> {
  try {
    const header = decodeProtectedHeader(value);
    if (!typed[kind]?.(header.typ)) return undefined;
    const payload = await verify(provider, value, header, decodeJwt(value));
    const { sub, exp, aud, scope, act, may_act, cnf, authorization_details } =
      payload as typeof payload & {
        scope?: string;
        cnf?: Confirmation;
        authorization_details?: Detail[];
      };
    const clientId = kind === 'id_token' ? aud : String(payload.client_id);
    const client = await provider.Client.find(clientId);
    if (kind === 'id_token' && client?.idTokenSignedResponseAlg !== header.alg) return undefined;
    // A program has its own name for a subject (RFC 9068, section 2.2).
    const about = sub === clientId ? undefined : named(client, sub);
    return {
      clientId,
      sub: sub === clientId ? sub : about,
      accountId: about,
      exp,
      confirmation: cnf ?? {},
      act: actorOf(act),
      may_act,
      ...(kind === 'access_token' && {
        audience: aud,
        scopes: new Set(scope?.split(' ')),
        details: authorization_details,
      }),
    };
  } catch {
    return undefined;
  }
}

const looksLikeJwt = (value: string) => value.split('.').length === 3;

const finders: Readonly<
  Record<string, (provider: Provider, value: string) => Promise<Presented | undefined>>
> = {
  [ACCESS_TOKEN]: (provider, value) =>
    looksLikeJwt(value) ? findJwt(provider, value, 'access_token') : findOpaque(provider, value),
  [JWT]: (provider, value) => findJwt(provider, value, 'access_token'),
  [ID_TOKEN]: (provider, value) => findJwt(provider, value, 'id_token'),
};

/** Longer than any token of this server. */
const LONGEST = 16_384;

/** Reads a token of this server. @throws {errors.InvalidRequest} naming the parameter */
export async function readToken(
  provider: Provider,
  role: Role,
  { value, type: given }: { value: unknown; type: unknown },
): Promise<Presented> {
  if (typeof value !== 'string' || !value) throw refuse(role, 'is missing');
  const find = Object.hasOwn(finders, String(given)) ? finders[String(given)] : undefined;
  if (!find) {
    throw new errors.InvalidRequest(
      `${role}_type must be one of ${Object.keys(finders).join(', ')}`,
    );
  }
  const found = value.length > LONGEST ? undefined : await find(provider, value);
  if (!found || !(await provider.Client.find(found.clientId))) throw refuse(role, unusable);
  return found;
}

/** A person's token with what they granted its client. */
export interface Granted {
  accountId: string;
  /** What a grant that is made from it is made from. */
  origin: string;
  grants: readonly Grant[];
}

/** Grants that were looked at, by the payload that the adapter answers while they do not change. */
const lookedAt = new WeakMap<object, Grant>();

async function grantsOfPair(
  provider: Provider,
  accountId: string,
  clientId: string,
): Promise<Grant[]> {
  const payloads = await (provider.Grant.adapter as GrantAdapter).ofPair(accountId, clientId);
  return payloads.map((payload) => {
    const grant = lookedAt.get(payload) ?? new provider.Grant(payload as never);
    lookedAt.set(payload, grant);
    return grant;
  });
}

/**
 * What a person has granted the client of a token, now: the grant of the token where it names one,
 * else all that the client has from this person.
 * @throws {errors.InvalidRequest} when nothing is left of it, or no person granted it
 */
export async function findGranted(
  provider: Provider,
  token: Presented,
  role: Role = 'subject_token',
): Promise<Granted> {
  const { accountId, clientId, grantId } = token;
  if (accountId === undefined) {
    throw refuse(
      role,
      token.sub === undefined
        ? 'has a pairwise subject, which cannot be followed back; exchange an opaque access token'
        : 'is about a program: only what a person granted can be exchanged',
    );
  }
  const grants = grantId
    ? [await provider.Grant.find(grantId)]
    : await grantsOfPair(provider, accountId, clientId);
  const living = grants.filter(
    (grant): grant is Grant => grant?.accountId === accountId && grant.clientId === clientId,
  );
  if (living.length === 0) throw refuse(role, unusable);
  const origin = grantId ? originOfGrant(grantId) : originOfPair(accountId, clientId);
  return { accountId, origin, grants: living };
}
