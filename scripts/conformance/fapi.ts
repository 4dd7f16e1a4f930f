/**
 * The FAPI and FAPI-CIBA plans: the same server as for every other plan, where `fapi_profile` of a
 * client decides. Beside it, an own listener for client certificates on the next port, and a resource
 * of somebody else on the one after that.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Config } from '../../src/config/schema.ts';
import { createApprover } from './approver.ts';
import { type Bank, openBank } from './bank.ts';
import type { Introspected } from './bound-token.ts';
import type { Driver, Family, Plan } from './family.ts';
import { fapiClients, type Generated } from './fapi-clients.ts';

const mutual = ({ port }: Driver) => `https://localhost:${port + 1}`;
const bankOf = ({ port }: Driver) => `https://localhost:${port + 2}`;
const ACR = 'urn:mace:incommon:iap:silver';
const unlimited = { max: 0 };

/** Where the suite spends its tokens: at UserInfo, or at the bank when they are not for that. */
function resourceOf(driver: Driver, { openid, sender_constrain }: Plan['variant']): string {
  if (openid === 'plain_oauth') return `${bankOf(driver)}/accounts`;
  return `${sender_constrain === 'dpop' ? driver.issuer : mutual(driver)}/userinfo`;
}

let bank: Bank | undefined;
let registrationToken = '';

export const fapi: Family = {
  configuration: ({ port, at }) => ({
    mtls: { mode: 'direct', port: port + 1, ca: [at('pki/clientca.crt')] },
    // The acr that the second client of the CIBA plans asks for.
    authentication: { acr_values: { [ACR]: ['pwd'] } },
    // The suite asks one person as often as it likes.
    limits: { approval: { account_client: unlimited, account: unlimited } },
  }),

  async prepare(driver, call) {
    const { alias, at, folder, issuer, person, port } = driver;
    const generated = JSON.parse(readFileSync(at('settings/generated.json'), 'utf8')) as Generated;
    for (const client of fapiClients(alias, generated)) await call('/clients', client);

    const policy = { types: ['financial'], fapi_profile: 'fapi1-advanced' };
    const made = await call('/registration-tokens', { policy, expires_in: 86_400, uses: 1000 });
    registrationToken = String(made.token);

    const { client_id, client_secret } = await call('/clients', { type: 'server-to-server' });
    const introspect = async (token: string) => {
      const answer = await fetch(`${issuer}/introspect`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`${client_id}:${client_secret}`)}` },
        body: new URLSearchParams({ token }),
      });
      return (await answer.json()) as Introspected;
    };
    bank = await openBank({
      port: port + 2,
      tls: {
        cert: at('pki/op.crt'),
        key: at('pki/op.key'),
        ciphers: Config.parse({}).http.tls_ciphers,
      },
      introspect,
      decide: createApprover(issuer, join(folder, 'mail'), person),
    });
    return {};
  },

  plan(driver, { issuer, variant, config }) {
    if (issuer !== 'fapi') return {};
    const dynamic = variant.client_registration === 'dynamic_client';
    const client = {
      ...(variant.ciba_mode && { hint_value: driver.person.email }),
      ...(dynamic && { initial_access_token: registrationToken }),
    };
    return {
      config: {
        client,
        client2: client,
        resource: { resourceUrl: resourceOf(driver, variant) },
        ...('automated_ciba_approval_url' in config && {
          automated_ciba_approval_url: `${bankOf(driver)}/ciba-sim?authReqId={auth_req_id}&action={action}`,
        }),
      },
    };
  },

  close: async () => bank?.close(),
};
