import { timingSafeEqual } from 'node:crypto';
import type { Actor } from '../audit/audit.ts';
import type { Client, Registration as Kept } from '../clients/client.ts';
import { clientProperties, registrable } from '../clients/metadata.ts';
import { matchSecret } from '../clients/secrets.ts';
import { digest, newId } from '../lib/ids.ts';
import { Problem, type Violation } from '../lib/problem.ts';
import { epoch } from '../lib/time.ts';
import type { Entry } from '../store/store.ts';
import { informationOf, statementOf } from './answer.ts';
import { flawed, invalidToken, RegistrationError, tokenNeeded, violationsIn } from './errors.ts';
import { RegistrationPolicy } from './policy.ts';
import { policyViolations } from './policy-checks.ts';
import type { Presented, RegistrationParts } from './registration.ts';
import type { Statements } from './software-statement.ts';
import { forbidden, toMetadata } from './to-metadata.ts';

/**
 * A client's own management of its registration (RFC 7592), with the registration access token that
 * it was given. A token that is wrong for an address is refused and nothing else happens: neither its
 * own client nor the one at the address loses anything.
 */
export interface Management {
  read(clientId: string, presented: Presented): Promise<Record<string, unknown>>;
  /** Replaces the metadata, and the token with it. */
  update(
    clientId: string,
    body: Record<string, unknown>,
    presented: Presented,
  ): Promise<Record<string, unknown>>;
  remove(clientId: string, presented: Presented): Promise<void>;
  /** Takes a client that was set aside because nobody used it back into service. @throws {Problem} */
  release(clientId: string, actor: Actor): Promise<void>;
}

type Registered = Entry<Client & { registration: Kept }>;

/** RFC 7592, section 2.2: what an update must not say. */
const NOT_IN_UPDATES = [
  'registration_access_token',
  'registration_client_uri',
  'client_secret_expires_at',
  'client_id_issued_at',
];

const equal = (one: string, other: string) =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));

/** Whether the client is one that nothing is to be had from: disabled, set aside, over. */
const isSetAside = ({ metadata, registration: { quarantined, expires } }: Registered['value']) =>
  metadata.disabled || quarantined !== undefined || (expires !== undefined && expires <= epoch());

const invalidRequest = (why: string) => new RegistrationError('invalid_request', why);

/** What administrators decided stays as it is, whatever the client says of itself. */
const decidedFor = (client: Client) =>
  Object.fromEntries(
    clientProperties
      .filter((name) => !registrable.has(name) && client.metadata[name] !== undefined)
      .map((name) => [name, client.metadata[name]]),
  );

/** A registered web application may have become a financial one since. */
const fits = (type: unknown, before: string) =>
  type === before || (before === 'financial' && type === 'web');

function typeChange(type: unknown, before: string): Violation[] {
  if (fits(type, before)) return [];
  const detail = `what is asked for would make the ${before} client a ${type} client`;
  const spec = 'RFC 7592, section 2.2';
  return [{ pointer: '', rule: 'type-is-fixed', detail, fix: 'register another client', spec }];
}

export function createManagement(
  parts: RegistrationParts & { statements: Statements },
): Management {
  const { issuer, clients, vault, statements, endClient } = parts;

  const actorOf = ({ request }: Presented): Actor => ({
    via: 'registration',
    ...(request !== undefined && { request }),
  });

  async function authenticate(clientId: string, { token }: Presented): Promise<Registered> {
    if (token === undefined) throw tokenNeeded('the registration access token');
    const entry = await clients.get(clientId).catch((error) => {
      if (error instanceof Problem && error.code === 'not_found') return undefined;
      throw error;
    });
    const kept = entry?.value.registration?.token ?? digest(newId());
    const matches = equal(kept, digest(token));
    if (!entry?.value.registration || !matches) throw invalidToken();
    const registered = entry as Registered;
    if (isSetAside(registered.value)) throw invalidToken();
    return registered;
  }

  /** Whoever made it a first-party client has taken it over: a stranger's token no longer moves it. */
  async function authenticateWriter(clientId: string, presented: Presented): Promise<Registered> {
    const entry = await authenticate(clientId, presented);
    if (!entry.value.metadata.first_party) return entry;
    throw new RegistrationError('insufficient_scope', 'an administrator manages this client');
  }

  function checkRequest({ id, value }: Registered, body: Record<string, unknown>): void {
    const named = NOT_IN_UPDATES.filter((name) => body[name] !== undefined);
    if (named.length > 0) throw invalidRequest(`an update must not have ${named.join(', ')}`);
    if (body.client_id !== id) throw invalidRequest('client_id must be that of the client');
    const secret = body.client_secret;
    if (secret === undefined || secret === null || secret === '') return;
    const known = typeof secret === 'string' && matchSecret(vault, id, value.secrets, secret);
    if (!known) throw invalidRequest('client_secret is not one of this client');
  }

  async function write(entry: Registered, body: Record<string, unknown>, presented: Presented) {
    checkRequest(entry, body);
    const { id, value, version } = entry;
    const { registration } = value;
    const policy = RegistrationPolicy.parse(registration.policy ?? {});
    const { software_statement: jwt, ...request } = body;
    const statement =
      jwt && jwt !== statementOf(registration)?.jwt
        ? { jwt: String(jwt), claims: await statements.verify(jwt) }
        : statementOf(registration);
    const asked = toMetadata({ ...request, ...statement?.claims }, policy);
    const metadata = clients.validator.complete({ ...asked, ...decidedFor(value) });
    const broken = (() => {
      try {
        clients.validator.check(metadata, value.metadata);
        return [];
      } catch (error) {
        return violationsIn(error);
      }
    })();
    const violations = [
      ...forbidden(request),
      ...typeChange(asked.type, value.metadata.type),
      ...broken,
      ...policyViolations(policy, metadata as Record<string, unknown>),
    ];
    if (violations.length > 0) throw flawed(violations);
    const token = newId(256);
    const kept: Kept = {
      ...registration,
      token: digest(token),
      ...(statement && { statement }),
    };
    const written = await clients
      .register(id, metadata, kept, actorOf(presented), version)
      .catch((error) => {
        throw error instanceof Problem && error.code === 'invalid'
          ? flawed(violationsIn(error))
          : error;
      });
    return informationOf(issuer, written.entry, token, written.secret);
  }

  return {
    async read(clientId, presented) {
      const entry = await authenticate(clientId, presented);
      return informationOf(issuer, entry, presented.token as string);
    },

    async update(clientId, body, presented) {
      for (;;) {
        // Who lost a race to another update holds a dead token by now and ends here.
        const entry = await authenticateWriter(clientId, presented);
        try {
          return await write(entry, body, presented);
        } catch (error) {
          if (!(error instanceof Problem) || error.code !== 'precondition_failed') throw error;
        }
      }
    },

    async remove(clientId, presented) {
      await authenticateWriter(clientId, presented);
      await clients.delete(clientId, actorOf(presented)).catch((error) => {
        throw error instanceof Problem && error.code === 'not_found' ? invalidToken() : error;
      });
      await endClient(clientId);
    },

    async release(clientId, actor) {
      const { value, version } = await clients.get(clientId);
      const { quarantined, ...registration } = value.registration ?? { token: '' };
      if (quarantined === undefined) {
        throw new Problem('not_found', 'The client is not in quarantine.');
      }
      await clients.register(clientId, undefined, registration, actor, version);
    },
  };
}
