import type { Audit } from '../audit/audit.ts';
import type { Registration as Kept } from '../clients/client.ts';
import type { Clients } from '../clients/clients.ts';
import type { Usage } from '../clients/usage.ts';
import type { Config } from '../config/schema.ts';
import { digest, newId } from '../lib/ids.ts';
import type { Log } from '../lib/log.ts';
import { Problem } from '../lib/problem.ts';
import type { Vault } from '../lib/seal.ts';
import { epoch } from '../lib/time.ts';
import type { Store } from '../store/store.ts';
import { informationOf } from './answer.ts';
import { flawed, RegistrationError, tokenNeeded, violationsIn } from './errors.ts';
import { createInitialAccessTokens, type InitialAccessTokens } from './initial-access-tokens.ts';
import { createManagement, type Management } from './management.ts';
import { createDocumentJudge, type DocumentJudge, documentPolicy } from './metadata-document.ts';
import { createPolicies, type Policies } from './policies.ts';
import { builtInPolicy, RegistrationPolicy } from './policy.ts';
import { policyViolations } from './policy-checks.ts';
import { createQuotas, type Refund } from './quotas.ts';
import { startReaper } from './reaper.ts';
import { createStatements, type Statements } from './software-statement.ts';
import { forbidden, toMetadata } from './to-metadata.ts';

export interface RegistrationParts {
  issuer: string;
  settings: Config['registration'];
  store: Store;
  vault: Vault;
  audit: Audit;
  clients: Clients;
  /** The scopes of this server. */
  scopes: ReadonlySet<string>;
  usage: Usage;
  log: Log;
  /** Ends what a client lives on: its grants and the tokens under them. */
  endClient(clientId: string): Promise<void>;
}

/** A request with what the transport knows of it. */
export interface Presented {
  /** The bearer token, where there is one. */
  token?: string | undefined;
  /** The correlation id of the request in the log. */
  request?: string | undefined;
}

/** Who may register, and by which policy. */
interface Leave {
  policy: RegistrationPolicy;
  name?: string;
  /** Of the initial access token. */
  tokenId?: string;
}

export interface Registration extends Management {
  policies: Policies;
  tokens: InitialAccessTokens;
  statements: Statements;
  /** Whether anybody can register at all. */
  isOpen: boolean;
  /** Of clients that come with a metadata document instead; absent while that is off. */
  judge: DocumentJudge | undefined;
  /** Registers a client (RFC 7591, section 3). @throws {RegistrationError} */
  register(body: Record<string, unknown>, presented: Presented): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

/** What was stored by an earlier version lacks what policies have since. */
const current = ({ created: _, updated: __, ...policy }: Record<string, unknown>) =>
  RegistrationPolicy.parse(policy);

export function createRegistration(parts: RegistrationParts): Registration {
  const { issuer, settings, store, audit, clients, scopes } = parts;
  const policies = createPolicies(store, audit, scopes);
  const tokens = createInitialAccessTokens(store, audit, policies, scopes);
  const quotas = createQuotas(store);
  const statements = createStatements(settings.trust_anchors, issuer);

  async function policyNamed(
    name: string | undefined,
    builtIn: RegistrationPolicy = builtInPolicy,
  ): Promise<RegistrationPolicy> {
    if (name === undefined) return builtIn;
    try {
      return current((await policies.get(name)).value);
    } catch (cause) {
      if (!(cause instanceof Problem) || cause.code !== 'not_found') throw cause;
      throw new RegistrationError('temporarily_unavailable', 'registration is not set up', {
        cause,
      });
    }
  }

  async function leaveFor(token: string | undefined): Promise<Leave> {
    if (token === undefined) {
      if (settings.mode !== 'open') throw tokenNeeded('an initial access token');
      const name = settings.open_policy;
      return { policy: await policyNamed(name), name: name ?? 'built-in' };
    }
    const { id, value } = await tokens.find(token);
    return typeof value.policy === 'string'
      ? { policy: await policyNamed(value.policy), name: value.policy, tokenId: id }
      : { policy: current(value.policy), tokenId: id };
  }

  /** Spends a use of the token and one of the quota. */
  async function spend({ policy, name, tokenId }: Leave): Promise<Refund> {
    const refunds: Refund[] = [];
    const refund = async () => {
      for (const each of refunds.splice(0)) await each();
    };
    try {
      if (tokenId !== undefined) refunds.push(await tokens.spend(tokenId));
      refunds.push(await quotas.spend(name ?? `token:${tokenId}`, policy.quota));
    } catch (error) {
      await refund();
      throw error;
    }
    return refund;
  }

  return {
    ...createManagement({ ...parts, statements }),
    policies,
    tokens,
    statements,
    isOpen: settings.mode !== 'off',
    judge: settings.client_id_metadata_documents
      ? createDocumentJudge(clients.validator, () =>
          policyNamed(settings.client_id_metadata_policy, documentPolicy),
        )
      : undefined,
    close: startReaper(parts),

    async register({ software_statement: jwt, ...body }, { token, request }) {
      const leave = await leaveFor(token);
      const { policy, name, tokenId } = leave;
      if (policy.software_statement && !jwt) {
        throw new RegistrationError('invalid_software_statement', 'a software_statement is needed');
      }
      const claims = jwt ? await statements.verify(jwt) : undefined;
      const metadata = clients.validator.complete(toMetadata({ ...body, ...claims }, policy));
      const violations = [
        ...forbidden(body),
        ...clients.validator.violations(metadata),
        ...policyViolations(policy, metadata as Record<string, unknown>),
      ];
      if (violations.length > 0) throw flawed(violations);

      const refund = await spend(leave);
      const access = newId(256);
      const now = epoch();
      const registration: Kept = {
        token: digest(access),
        policy,
        ...(policy.lifetime !== undefined && { expires: now + policy.lifetime }),
        ...(policy.secret_lifetime !== undefined && { secret_ttl: policy.secret_lifetime }),
        ...(claims && { statement: { jwt, claims } }),
      };
      try {
        const { entry, secret } = await clients.create(metadata, {
          actor: { via: 'registration', ...(request !== undefined && { request }) },
          origin: {
            ...(tokenId !== undefined && { initial_access_token: tokenId }),
            ...(name !== undefined && { policy: name }),
          },
          registration,
        });
        return informationOf(issuer, entry, access, secret);
      } catch (error) {
        await refund();
        throw flawed(violationsIn(error));
      }
    },
  };
}
