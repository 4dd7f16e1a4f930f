/** Who acts on whose behalf: the `act` claim, and who may come into it (RFC 8693, section 4). */
import { errors } from 'oidc-provider';
import type { ExtraProperties } from '../client.ts';
import type { Presented } from './subject-token.ts';

/** @source RFC 8693, section 4.1 */
export interface Actor {
  sub: string;
  client_id?: string;
  /** Who acted before. */
  act?: Actor;
}

/** The longest chain of actors. */
const DEEPEST = 4;

/** The claim of a token of ours. */
export const actorOf = (claim: unknown): Actor | undefined => claim as Actor | undefined;

const depthOf = (actor: Actor | undefined): number => (actor ? 1 + depthOf(actor.act) : 0);

type Policy = NonNullable<ExtraProperties['token_exchange']>;

/** The client's own token exchange policy, held against a subject token and the wish to be its actor. */
export function checkPolicy(
  { subject_clients, delegation, impersonation }: Policy,
  subject: Presented,
  delegates: boolean,
): void {
  if (!subject_clients.includes('*') && !subject_clients.includes(subject.clientId)) {
    throw new errors.UnauthorizedClient(
      'the token_exchange policy of this client does not list the client of the subject_token',
    );
  }
  if (delegates ? !delegation : !impersonation) {
    throw new errors.UnauthorizedClient(
      delegates
        ? 'the token_exchange policy of this client allows no delegation: send no actor_token'
        : 'the token_exchange policy of this client allows no impersonation: send an actor_token',
    );
  }
}

/**
 * Whether a subject lets these be its actor. Each member that it names must fit (RFC 8693, 4.4).
 */
function checkMayAct(may_act: unknown, acting: Readonly<Record<string, unknown>>): void {
  if (may_act === undefined) return;
  const named = Object.entries(Object(may_act));
  const fits = named.length > 0 && named.every(([name, value]) => acting[name] === value);
  if (!fits) {
    throw new errors.InvalidRequest('subject_token names another in may_act');
  }
}

/**
 * The `act` of a new token. Without an actor nobody is added; those who acted before stay in it.
 * @param clientId of the client that asks, whose own token the actor token must be
 */
export function nextActor(
  subject: Presented,
  actor: Presented | undefined,
  { clientId, issuer }: { clientId: string; issuer: string },
): Actor | undefined {
  if (!actor) {
    checkMayAct(subject.may_act, { sub: clientId, client_id: clientId, iss: issuer });
    return subject.act;
  }
  const { sub } = actor;
  if (actor.clientId !== clientId) {
    throw new errors.InvalidRequest('actor_token was issued to another client');
  }
  if (actor.act) throw new errors.InvalidRequest('actor_token is acting for somebody itself');
  if (sub === undefined) {
    throw new errors.InvalidRequest('actor_token has a pairwise subject, which nobody else knows');
  }
  checkMayAct(subject.may_act, { sub, client_id: clientId, iss: issuer });
  if (depthOf(subject.act) >= DEEPEST) {
    throw new errors.InvalidRequest(
      `subject_token has ${DEEPEST} actors already, which is the most`,
    );
  }
  return { sub, client_id: clientId, ...(subject.act && { act: subject.act }) };
}
