import type { Actor } from '../audit/audit.ts';
import { Problem } from '../lib/problem.ts';
import type { Vault } from '../lib/seal.ts';
import { epoch } from '../lib/time.ts';
import type { Clients } from './clients.ts';
import { refusals } from './refusals.ts';
import {
  type ClientSecret,
  isValid,
  MAX_SECRETS,
  makeSecret,
  matchSecret,
  needsSecret,
} from './secrets.ts';
import { type ClientWriter, refuse } from './writer.ts';

/** What can be done with a client's secrets alone. */
export function secretOperations(
  vault: Vault,
  { change, get }: ClientWriter,
): Pick<Clients, 'addSecret' | 'removeSecret'> & {
  /** Makes sure that `plain` is one of its secrets, and the only one. */
  own(clientId: string, plain: string): Promise<void>;
} {
  return {
    async addSecret(clientId, { retire, ...options }, actor, version) {
      let stored: ClientSecret | undefined;
      const written = await change(clientId, actor, 'client.secret.add', version, (before) => {
        const { metadata } = before;
        if (!needsSecret(metadata)) {
          const method = metadata.token_endpoint_auth_method;
          throw refuse('', 'secret-not-used', refusals['secret-not-used'].unused({ method }));
        }
        const kept = before.secrets.filter((secret) => isValid(secret));
        if (kept.length >= MAX_SECRETS) {
          throw refuse(
            '',
            'too-many-secrets',
            refusals['too-many-secrets'].full({ most: MAX_SECRETS }),
          );
        }
        const made = makeSecret(vault, clientId, metadata, options);
        stored = made.stored;
        // Those of before go on working for the overlap, if they live so long.
        const until = retire === undefined ? undefined : epoch() + retire;
        const older = kept.map((secret) =>
          until !== undefined && (secret.expires ?? Number.POSITIVE_INFINITY) > until
            ? { ...secret, expires: until }
            : secret,
        );
        return { client: { ...before, secrets: [...older, made.stored] }, secret: made.plain };
      });
      return { ...written, stored: stored as ClientSecret };
    },

    async removeSecret(clientId, secretId, actor, version) {
      await change(clientId, actor, 'client.secret.remove', version, (before) => {
        const secrets = before.secrets.filter(({ id }) => id !== secretId);
        const removed = before.secrets.find(({ id }) => id === secretId);
        if (!removed) {
          throw new Problem('not_found', `The client has no secret ${JSON.stringify(secretId)}.`);
        }
        if (isValid(removed) && !secrets.some((secret) => isValid(secret))) {
          throw refuse('', 'last-secret', refusals['last-secret'].last());
        }
        return { client: { ...before, secrets } };
      });
    },

    async own(clientId, plain) {
      const before = await get(clientId);
      if (matchSecret(vault, clientId, before.value.secrets, plain)) return;
      const actor: Actor = { via: 'server' };
      await change(clientId, actor, 'client.secret.add', before.version, (client) => {
        const { stored } = makeSecret(vault, clientId, client.metadata, { plain });
        return { client: { ...client, secrets: [stored] } };
      });
    },
  };
}
