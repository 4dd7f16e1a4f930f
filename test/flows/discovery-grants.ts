/** Grants, methods and what else a client chooses, as the discovery documents list it. */
import { expect } from '@jest/globals';
import { SignJWT } from 'jose';
import type { ClientMetadataInput } from '../../src/clients/metadata.ts';
import { CIBA, DEVICE_CODE, JWT_BEARER, TOKEN_EXCHANGE } from '../../src/clients/values.ts';
import { newId } from '../../src/lib/ids.ts';
import { createAgent, leftFor, type Page } from '../support/agent.ts';
import { makeKeys } from '../support/keys.ts';
import type { Answer, Fields, Op, TestAccount } from '../support/op.ts';
import * as ciba from './ciba-requests.ts';
import {
  createClientWith,
  endpointAt,
  type Method,
  present,
  send,
  verdictOf,
} from './client-methods.ts';
import { payment } from './detail-types.ts';
import * as device from './device-requests.ts';
import { type Chapter, type Member, refusedAtRegistration } from './discovery-member.ts';
import { policy, subject } from './exchange.ts';
import { authorizeUrl, obtainCode, obtainTokens, postAs, redeem, refresh } from './requests.ts';

/** A resource with types of authorization details. */
export const BANK = 'https://bank.example/payments';
const details: Readonly<Record<string, object>> = { [payment.type]: payment };

export function grantChapter(op: Op, account: TestAccount): Chapter {
  const tokenOf = ({ status, body }: Answer) => {
    expect([status, body]).toEqual([200, expect.objectContaining({ token_type: 'Bearer' })]);
    return body.access_token;
  };
  const service = (more: Partial<ClientMetadataInput>) =>
    op.createClient({ type: 'server-to-server', ...more });
  const authorize = async (more: Partial<ClientMetadataInput>, fields: Fields): Promise<Page> => {
    const client = await op.createClient(more);
    return createAgent(op.issuer).authorize(authorizeUrl(op, client, fields), account);
  };
  const query = (page: Page) => leftFor(page).searchParams;
  const subOf = async (more: Partial<ClientMetadataInput>) => {
    const { id_token } = await obtainTokens(op, await op.createClient(more), account);
    return JSON.parse(atob(id_token.split('.')[1])).sub;
  };

  const methodsAt = (path: string): Member => ({
    async prove(method) {
      const own = present[method as Method];
      const reason = `add a row for ${method} to test/flows/client-methods.ts`;
      if (!own) throw new Error(reason);
      const endpoint = endpointAt(path);
      const client = await createClientWith(op, method as Method);
      const verdict = verdictOf(endpoint, await send(op, endpoint, await own(op, client)));
      expect([method, verdict]).toEqual([method, 'accepted']);
    },
    others: ['client_secret_header', 'attest_jwt_client_auth'],
    refuse: refusedAtRegistration(op, 'token_endpoint_auth_method'),
  });

  return {
    file: 'test/flows/discovery-grants.ts',
    members: {
      grant_types_supported: {
        prove: {
          authorization_code: () =>
            op.createClient().then((client) => obtainTokens(op, client, account)),
          async implicit() {
            const more = {
              response_types: ['id_token' as const],
              grant_types: ['implicit' as const],
            };
            const page = await authorize(more, { response_type: 'id_token', nonce: 'n' });
            expect(leftFor(page).hash).toMatch(/id_token=[\w-]+\./);
          },
          async refresh_token() {
            const client = await op.createClient();
            const { refresh_token } = await obtainTokens(op, client, account);
            tokenOf(await refresh(op, client, refresh_token));
          },
          client_credentials: async () =>
            tokenOf(
              await postAs(op, await service({}), '/token', { grant_type: 'client_credentials' }),
            ),
          [DEVICE_CODE]: async () => device.obtain(op, await device.createDevice(op), account),
          async [CIBA]() {
            const client = await ciba.createAsker(op);
            const asked = await ciba.ask(op, client, account);
            await ciba.decide(op, asked.link, account);
            tokenOf(await ciba.poll(op, client, asked));
          },
          async [TOKEN_EXCHANGE]() {
            const { identifier: resource } = await op.createResource({
              scopes: [{ name: 'read' }],
              access: [{ client_id: '*', scopes: ['read'] }],
            });
            const { access_token } = await obtainTokens(op, await op.createClient(), account, {
              scope: 'openid read',
              resource,
            });
            const client = await service({
              grant_types: ['client_credentials', TOKEN_EXCHANGE],
              token_exchange: policy,
            });
            const fields = { grant_type: TOKEN_EXCHANGE, resource, ...subject(access_token) };
            tokenOf(await postAs(op, client, '/token', fields));
          },
          async [JWT_BEARER]() {
            const { jwks, privateKey, kid, alg } = await makeKeys('ES256');
            const client = await service({ grant_types: [JWT_BEARER], jwks: jwks as never });
            const { client_id } = client;
            const assertion = await new SignJWT({ iss: client_id, sub: client_id, jti: newId() })
              .setAudience(op.issuer)
              .setIssuedAt()
              .setExpirationTime('1 minute')
              .setProtectedHeader({ alg, kid })
              .sign(privateKey);
            tokenOf(await postAs(op, client, '/token', { grant_type: JWT_BEARER, assertion }));
          },
        },
        others: ['password', 'urn:ietf:params:oauth:grant-type:saml2-bearer'],
        async refuse(grant_type) {
          await refusedAtRegistration(op, 'grant_types')(grant_type);
          const { body } = await postAs(op, await op.createClient(), '/token', { grant_type });
          expect(body.error).toBe('unsupported_grant_type');
        },
      },

      token_endpoint_auth_methods_supported: methodsAt('/token'),
      introspection_endpoint_auth_methods_supported: methodsAt('/introspect'),
      revocation_endpoint_auth_methods_supported: methodsAt('/revoke'),

      code_challenge_methods_supported: {
        prove: {
          S256: async () => redeem(op, ...(await codeBy('S256'))).then(tokenOf),
        },
        others: ['plain', 'S512'],
        async refuse(code_challenge_method) {
          const answer = query(await authorize({}, { code_challenge_method }));
          expect(answer.get('error')).toBe('invalid_request');
        },
      },

      subject_types_supported: {
        prove: {
          public: async () => expect(await subOf({ subject_type: 'public' })).toBe(account.id),
          pairwise: async () =>
            expect(await subOf({ subject_type: 'pairwise' })).not.toBe(account.id),
        },
        others: ['ephemeral'],
        refuse: refusedAtRegistration(op, 'subject_type'),
      },

      // `create` is where sign-up is on: sign-up.test.ts.
      authorization_details_types_supported: {
        async prove(type) {
          const detail = details[type];
          if (!detail) throw new Error(`add a detail of ${type} to test/flows/detail-types.ts`);
          const client = await op.createClient({ authorization_details_types: [type] });
          const tokens = await obtainTokens(op, client, account, {
            resource: BANK,
            authorization_details: JSON.stringify([detail]),
          });
          expect(tokens.authorization_details).toEqual([detail]);
        },
        others: ['weather'],
        async refuse(type) {
          const authorization_details = JSON.stringify([{ type }]);
          const answer = query(await authorize({}, { resource: BANK, authorization_details }));
          expect(answer.get('error')).toBe('invalid_authorization_details');
        },
      },

      backchannel_token_delivery_modes_supported: {
        prove: {
          poll: async () => ciba.ask(op, await ciba.createAsker(op), account),
          async ping() {
            const client = await ciba.createAsker(op, {
              backchannel_token_delivery_mode: 'ping',
              backchannel_client_notification_endpoint: 'https://rp.example/ping',
            });
            const fields = { client_notification_token: newId() };
            await ciba.ask(op, client, account, fields);
          },
        },
        others: ['push'],
        refuse: refusedAtRegistration(op, 'backchannel_token_delivery_mode'),
      },
    },
  };

  async function codeBy(code_challenge_method: string) {
    const client = await op.createClient();
    return [client, await obtainCode(op, client, account, { code_challenge_method })] as const;
  }
}
