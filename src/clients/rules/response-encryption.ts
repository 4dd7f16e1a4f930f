import { wordings } from '../../lib/wording.ts';
import { isSymmetric } from '../values.ts';
import type { Rule } from './rule.ts';

/** What can be encrypted, and whether it must be signed for that by an explicit choice. */
const kinds = [
  {
    name: 'id_token',
    enc: 'id_token_encrypted_response_enc',
    alg: 'id_token_encrypted_response_alg',
  },
  {
    name: 'userinfo',
    enc: 'userinfo_encrypted_response_enc',
    alg: 'userinfo_encrypted_response_alg',
    signed: 'userinfo_signed_response_alg',
  },
  {
    name: 'authorization',
    enc: 'authorization_encrypted_response_enc',
    alg: 'authorization_encrypted_response_alg',
  },
  {
    name: 'introspection',
    enc: 'introspection_encrypted_response_enc',
    alg: 'introspection_encrypted_response_alg',
  },
  {
    name: 'request_object',
    enc: 'request_object_encryption_enc',
    alg: 'request_object_encryption_alg',
  },
] as const;

const says = wordings({
  alg_missing: {
    detail: 'says how to encrypt content, but {property} does not say how to wrap the key',
    fix: 'add {property} or remove it',
  },
  keys_missing: {
    detail: '{alg} encrypts to a public key of the client, and there is none',
    fix: 'add jwks or jwks_uri',
  },
  unsigned: {
    detail: 'what is encrypted is signed first, and {property} is missing',
    fix: 'add {property}',
  },
});

export const responseEncryption: Rule = {
  id: 'encryption-complete',
  title: 'What is encrypted has an algorithm and a key',
  says,
  reads: [
    'jwks',
    'jwks_uri',
    'userinfo_signed_response_alg',
    ...kinds.flatMap(({ enc, alg }) => [enc, alg]),
  ],
  *check(client) {
    for (const kind of kinds) {
      const alg = client[kind.alg];
      if (client[kind.enc] !== undefined && alg === undefined) {
        yield {
          pointer: `/${kind.enc}`,
          ...says.alg_missing({ property: kind.alg }),
          patch: { [kind.enc]: null },
        };
      }
      const ours = kind.name === 'request_object';
      if (alg && !ours && !isSymmetric(alg) && !client.jwks && !client.jwks_uri) {
        yield {
          pointer: `/${kind.alg}`,
          ...says.keys_missing({ alg }),
          patch: { [kind.alg]: null, [kind.enc]: null },
        };
      }
      if ('signed' in kind && alg !== undefined && client[kind.signed] === undefined) {
        yield {
          pointer: `/${kind.alg}`,
          ...says.unsigned({ property: kind.signed }),
          patch: { [kind.signed]: 'RS256' },
        };
      }
    }
  },
};
