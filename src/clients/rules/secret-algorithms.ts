import { wordings } from '../../lib/wording.ts';
import type { ClientMetadata } from '../metadata.ts';
import { isSymmetric } from '../values.ts';
import type { Rule } from './rule.ts';

const says = wordings({
  no_secret: {
    detail: '{alg} needs a client secret, and {method} has none',
    fix: 'an asymmetric algorithm, or none',
  },
});

/** Properties whose symmetric values take the client's secret for their key. */
export const symmetricProperties = [
  'request_object_signing_alg',
  'request_object_encryption_alg',
  'id_token_encrypted_response_alg',
  'userinfo_encrypted_response_alg',
  'authorization_encrypted_response_alg',
  'introspection_encrypted_response_alg',
] as const;

const secretMethods = new Set(['client_secret_basic', 'client_secret_post', 'client_secret_jwt']);

/** Whether the server must know the secret itself, for HMACs and symmetric encryption. */
export const usesSecretAsKey = (client: ClientMetadata): boolean =>
  client.token_endpoint_auth_method === 'client_secret_jwt' ||
  symmetricProperties.some((name) => isSymmetric(client[name]));

export const secretAlgorithms: Rule = {
  id: 'symmetric-algorithms',
  title: 'Algorithms that take the secret for a key are for clients that have one',
  says,
  reads: ['token_endpoint_auth_method', ...symmetricProperties],
  *check(client) {
    if (secretMethods.has(client.token_endpoint_auth_method)) return;
    for (const name of symmetricProperties) {
      if (!isSymmetric(client[name])) continue;
      yield {
        pointer: `/${name}`,
        ...says.no_secret({ alg: String(client[name]), method: client.token_endpoint_auth_method }),
        patch: { [name]: null },
      };
    }
  },
};
