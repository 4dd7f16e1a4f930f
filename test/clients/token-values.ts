/** What is signed, encrypted and bound, and what must be there for that. */
import type { ClientProperty } from '../../src/clients/metadata.ts';
import {
  clientSigningAlgs,
  encryptionAlgs,
  isSymmetric,
  requestEncryptionAlgs,
} from '../../src/clients/values.ts';
import { byValue, type Context, within } from './contexts.ts';
import { generate, schemaOf } from './generated-values.ts';
import { type Case, refuse, refuseBy } from './value.ts';

/** @param signer authenticates with a key; @param jwks its keys */
export const tokenValues = (signer: Context, jwks: unknown) => {
  const needsKeys = (value: unknown): Context => (isSymmetric(String(value)) ? {} : { jwks });

  /** Wraps a key: with the client's secret or with its public key, which must be there. */
  const wrapping = (name: ClientProperty, context: Context = {}): Case[] =>
    within(context, [
      ...byValue(generate(name), needsKeys),
      ...refuseBy(
        'encryption-complete',
        encryptionAlgs.filter((alg) => !isSymmetric(alg) && schemaOf(name).enum?.includes(alg)),
      ),
      ...refuseBy('symmetric-algorithms', encryptionAlgs.filter(isSymmetric), { context: signer }),
    ]);
  const content = (name: ClientProperty, wrap: string, context: Context = {}): Case[] => [
    ...within({ [wrap]: 'dir', ...context }, generate(name)),
    ...within(context, refuseBy('encryption-complete', schemaOf(name).enum ?? [])),
  ];
  const userinfo = { userinfo_signed_response_alg: 'RS256' };
  const authorization = { authorization_signed_response_alg: 'RS256' };

  return {
    id_token_signed_response_alg: [
      ...generate('id_token_signed_response_alg'),
      ...refuse('none', 'HS256'),
    ],
    userinfo_signed_response_alg: [
      ...generate('userinfo_signed_response_alg'),
      ...refuse('none', 'HS256'),
    ],
    authorization_signed_response_alg: [
      ...generate('authorization_signed_response_alg'),
      ...refuse('none', 'HS256'),
    ],
    introspection_signed_response_alg: [
      ...generate('introspection_signed_response_alg'),
      ...refuse('none', 'HS256'),
    ],
    id_token_encrypted_response_alg: wrapping('id_token_encrypted_response_alg'),
    userinfo_encrypted_response_alg: [
      ...wrapping('userinfo_encrypted_response_alg', userinfo),
      ...refuseBy('encryption-complete', ['dir']),
    ],
    authorization_encrypted_response_alg: wrapping(
      'authorization_encrypted_response_alg',
      authorization,
    ),
    introspection_encrypted_response_alg: wrapping('introspection_encrypted_response_alg'),
    request_object_encryption_alg: [
      ...generate('request_object_encryption_alg'),
      ...refuseBy('symmetric-algorithms', requestEncryptionAlgs.filter(isSymmetric), {
        context: signer,
      }),
      ...refuse('RSA-OAEP'),
    ],
    id_token_encrypted_response_enc: content(
      'id_token_encrypted_response_enc',
      'id_token_encrypted_response_alg',
    ),
    userinfo_encrypted_response_enc: content(
      'userinfo_encrypted_response_enc',
      'userinfo_encrypted_response_alg',
      userinfo,
    ),
    authorization_encrypted_response_enc: content(
      'authorization_encrypted_response_enc',
      'authorization_encrypted_response_alg',
      authorization,
    ),
    introspection_encrypted_response_enc: content(
      'introspection_encrypted_response_enc',
      'introspection_encrypted_response_alg',
    ),
    request_object_encryption_enc: content(
      'request_object_encryption_enc',
      'request_object_encryption_alg',
    ),
    request_object_signing_alg: [
      ...byValue(generate('request_object_signing_alg'), needsKeys),
      ...refuseBy(
        'request-object-keys',
        clientSigningAlgs.filter((alg) => !isSymmetric(alg)),
      ),
      ...refuseBy('symmetric-algorithms', clientSigningAlgs.filter(isSymmetric), {
        context: signer,
      }),
      ...refuse('none'),
    ],
    dpop_bound_access_tokens: [
      ...generate('dpop_bound_access_tokens'),
      ...refuseBy('sender-constraint', [true], {
        context: { tls_client_certificate_bound_access_tokens: true },
        pointer: '/tls_client_certificate_bound_access_tokens',
      }),
    ],
    dpop_require_nonce: generate('dpop_require_nonce'),
    tls_client_certificate_bound_access_tokens: [
      ...generate('tls_client_certificate_bound_access_tokens'),
      ...refuseBy('sender-constraint', [true], {
        context: {
          response_types: ['code token'],
          grant_types: ['authorization_code', 'implicit'],
        },
        pointer: '/response_types/0',
      }),
    ],
    require_signed_request_object: [
      ...within({ jwks }, generate('require_signed_request_object')),
      ...refuseBy('request-object-keys', [true]),
    ],
  } satisfies Record<string, Case[]>;
};
