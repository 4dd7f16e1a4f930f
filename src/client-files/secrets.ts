import type { ClientMetadata } from '../clients/metadata.ts';
import {
  type ClientSecret,
  isValid,
  MAX_SECRETS,
  makeSecret,
  matchSecret,
  needsSecret,
  secretsFor,
} from '../clients/secrets.ts';
import type { Violation } from '../lib/problem.ts';
import type { Vault } from '../lib/seal.ts';
import { epoch } from '../lib/time.ts';
import type { WantedSecret } from './resolve.ts';

/** How long a secret works on after the file has named another, seconds. */
export const OVERLAP = 86_400;

export interface SecretsOutcome {
  secrets: ClientSecret[];
  /** What changes, in words without a value. */
  notes: string[];
  violations: Violation[];
}

const violation = (rule: string, detail: string, fix: string): Violation => ({
  pointer: '/secrets',
  rule,
  detail,
  fix,
});

/**
 * The secrets of a client as a file wants them: what it names is there and does not expire, all else
 * ends after the overlap. The same file a second time changes nothing.
 */
export function settleSecrets(
  vault: Vault,
  clientId: string,
  metadata: ClientMetadata,
  before: readonly ClientSecret[],
  wanted: readonly WantedSecret[] | undefined,
): SecretsOutcome {
  const valid = before.filter((secret) => isValid(secret));
  const usable = secretsFor(vault, clientId, valid, metadata);
  const lost = valid.length - usable.length;
  const dropped = lost > 0 ? [`${lost} secrets can no longer be used and are deleted`] : [];
  if (!wanted) {
    const violations =
      lost > 0 && usable.length === 0 && needsSecret(metadata)
        ? [
            violation(
              'secret-needed',
              `${metadata.token_endpoint_auth_method} cannot use what is stored of the former secrets`,
              'name a secret under secrets',
            ),
          ]
        : [];
    // Only a change of the method touches them.
    return {
      secrets: lost > 0 ? usable : secretsFor(vault, clientId, before, metadata),
      notes: dropped,
      violations,
    };
  }
  if (!needsSecret(metadata)) {
    const detail = `${metadata.token_endpoint_auth_method} uses no secret`;
    return {
      secrets: usable,
      notes: dropped,
      violations: [
        violation('secret-not-used', detail, 'remove secrets, or choose another method'),
      ],
    };
  }
  const { secrets, notes } = merge(vault, clientId, metadata, usable, wanted);
  const violations = [
    ...(new Set(wanted.map(({ plain }) => plain)).size < wanted.length
      ? [violation('secrets-differ', 'names the same secret twice', 'remove one of the two')]
      : []),
    ...(secrets.length > MAX_SECRETS
      ? [
          violation(
            'too-many-secrets',
            `would make ${secrets.length} secrets, those that end within a day included`,
            `have no more than ${MAX_SECRETS}`,
          ),
        ]
      : []),
  ];
  return {
    secrets: notes.length > 0 ? secrets : usable,
    notes: [...dropped, ...notes],
    violations,
  };
}

function merge(
  vault: Vault,
  clientId: string,
  metadata: ClientMetadata,
  usable: readonly ClientSecret[],
  wanted: readonly WantedSecret[],
) {
  const notes: string[] = [];
  const kept = new Set<string>();
  const chosen = wanted.map(({ name, plain }): ClientSecret => {
    const label = JSON.stringify(name);
    const id = matchSecret(vault, clientId, usable, plain);
    const known = usable.find((secret) => secret.id === id);
    if (!known) {
      notes.push(`secret ${label}: add`);
      return makeSecret(vault, clientId, metadata, { plain, name }).stored;
    }
    kept.add(known.id);
    const { expires, ...rest } = known;
    if (expires !== undefined) notes.push(`secret ${label}: no longer expires`);
    if (rest.name !== name) notes.push(`secret ${label}: is stored already, gets this name`);
    return { ...rest, name };
  });
  const until = epoch() + OVERLAP;
  const others = usable
    .filter(({ id }) => !kept.has(id))
    .map((secret) => {
      if ((secret.expires ?? Number.POSITIVE_INFINITY) <= until) return secret;
      const label = secret.name ? JSON.stringify(secret.name) : `${secret.prefix}…`;
      notes.push(`secret ${label} of before: ends in 24 hours`);
      return { ...secret, expires: until };
    });
  return { secrets: [...others, ...chosen], notes };
}
