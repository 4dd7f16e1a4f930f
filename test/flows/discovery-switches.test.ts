/** The discovery documents list what the configuration switches on, and no more. */
import { describe, expect, test } from '@jest/globals';
import type { ConfigInput } from '../../src/config/schema.ts';
import { CALLBACK, startOp } from '../support/op.ts';
import { attester } from './attester.ts';

const documents = ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'];

describe('what is switched off is not listed', () => {
  interface Switch {
    name: string;
    off: ConfigInput;
    on: ConfigInput;
    /** What the document has only while it is on. */
    members?: readonly string[];
    values?: readonly (readonly [member: string, value: string])[];
  }
  const methods = 'token_endpoint_auth_methods_supported';
  const switches: readonly Switch[] = [
    {
      name: 'registration',
      off: { registration: { mode: 'off' } },
      on: { registration: { mode: 'open' } },
      members: ['registration_endpoint'],
    },
    {
      name: 'client ID metadata documents',
      off: { registration: { client_id_metadata_documents: false } },
      on: { registration: { client_id_metadata_documents: true } },
      members: ['client_id_metadata_document_supported'],
    },
    {
      name: 'client certificates',
      off: { mtls: { mode: 'off' } },
      on: { mtls: { mode: 'proxy' } },
      members: ['tls_client_certificate_bound_access_tokens'],
      values: [
        [methods, 'tls_client_auth'],
        [methods, 'self_signed_tls_client_auth'],
      ],
    },
    {
      name: 'attestations of clients',
      off: {},
      on: { attestation: { issuers: [attester] } },
      members: [
        'challenge_endpoint',
        'client_attestation_signing_alg_values_supported',
        'client_attestation_pop_signing_alg_values_supported',
      ],
      values: [[methods, 'attest_jwt_client_auth']],
    },
    {
      name: 'making an account oneself',
      off: { accounts: { sign_up: 'off' } },
      on: { accounts: { sign_up: 'on' } },
      values: [['prompt_values_supported', 'create']],
    },
    {
      name: 'a scope of the operator',
      off: {},
      on: { claims: { team: ['nickname'] } },
      values: [['scopes_supported', 'team']],
    },
    {
      name: 'an authentication context class',
      off: {},
      on: { authentication: { acr_values: { 'urn:example:gold': ['pwd'] } } },
      values: [['acr_values_supported', 'urn:example:gold']],
    },
  ];

  test.each(switches)('$name', async ({ off, on, members = [], values = [] }) => {
    for (const [config, is] of [
      [off, false],
      [on, true],
    ] as const) {
      const other = await startOp(config);
      try {
        for (const path of documents) {
          const { body } = await other.get(path);
          for (const name of members) expect([name, name in body]).toEqual([name, is]);
          for (const [name, value] of values)
            expect([value, body[name]?.includes(value) ?? false]).toEqual([value, is]);
        }
      } finally {
        await other.close();
      }
    }
  });

  // RFC 8414, section 3.2; OpenID Connect Discovery 1.0, section 4.2.
  test('not as an empty list either', async () => {
    const other = await startOp({ authentication: { acr_values: {} } });
    try {
      for (const path of documents) {
        const empty = ([, value]: [string, unknown]) => Array.isArray(value) && value.length === 0;
        expect(Object.entries((await other.get(path)).body).filter(empty)).toEqual([]);
      }
    } finally {
      await other.close();
    }
  });

  test('and is not there', async () => {
    const other = await startOp({ registration: { mode: 'off' } });
    try {
      expect((await other.post('/register', {})).status).toBe(404);
      const { status, body } = await other.admin('/clients', {
        method: 'POST',
        body: {
          type: 'web',
          redirect_uris: [CALLBACK],
          token_endpoint_auth_method: 'tls_client_auth',
          tls_client_auth_san_dns: 'rp.example',
        },
      });
      expect([status, body.errors?.[0].rule]).toEqual([422, 'server-offers']);
    } finally {
      await other.close();
    }
  });
});
