import type { ClientValidator } from '../clients/validate.ts';
import type { Violation } from '../lib/problem.ts';
import { RegistrationPolicy } from './policy.ts';
import { policyViolations } from './policy-checks.ts';
import { registrableOf, toMetadata } from './to-metadata.ts';

/** What a document may say when no policy is named: people’s applications that hold no secret of ours. */
export const documentPolicy: RegistrationPolicy = RegistrationPolicy.parse({
  grant_types: ['authorization_code', 'refresh_token'],
  token_endpoint_auth_methods: ['none', 'private_key_jwt'],
});

export interface Judgement {
  violations: readonly Violation[];
  /** The scopes that the client may ask for, where the policy says. */
  scope?: string;
}

/** Judges the metadata of a client that comes with a document instead of a registration. */
export type DocumentJudge = (metadata: Record<string, unknown>) => Promise<Judgement>;

/** What no document can meet: nothing of ours is kept of such a client that could hold it to these. */
const beyond = ['fapi_profile', 'openid_conformance', 'software_statement'] as const;

/**
 * The same rules and policy as for a registration, on the client as the protocol engine has it
 * (draft-ietf-oauth-client-id-metadata-document).
 */
export const createDocumentJudge =
  (validator: ClientValidator, policy: () => Promise<RegistrationPolicy>): DocumentJudge =>
  async (given) => {
    const wanted = await policy();
    const asked = toMetadata(registrableOf(given), wanted);
    const metadata = validator.complete(asked);
    const violations = [
      ...beyond
        .filter((name) => wanted[name])
        .map((name) => ({
          pointer: '',
          rule: `registration-policy-${name.replaceAll('_', '-')}`,
          detail: 'must be registered, as the policy here asks for more than a document can show',
        })),
      ...validator.violations(metadata),
      ...policyViolations(wanted, metadata as Record<string, unknown>),
    ];
    return { violations, ...(typeof asked.scope === 'string' && { scope: asked.scope }) };
  };
