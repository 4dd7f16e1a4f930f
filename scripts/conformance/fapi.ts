/**
 * The FAPI and FAPI-CIBA plans: the same server as for every other plan, where `fapi_profile` of a
 * client decides. Beside it, an own listener for client certificates, and a resource of somebody else.
 */
import { join } from 'node:path';
import { Config } from '../../src/config/schema.ts';
import { createApprover } from './approver.ts';
import { openBank } from './bank.ts';
import type { Introspected } from './bound-token.ts';
import type { Family } from './family.ts';
import { fapiClients } from './fapi-clients.ts';
import { ACR } from './plans/fapi.ts';

const portOf = (address: string) => Number(new URL(address).port);
const unlimited = { max: 0 };

export const fapi: Family = {
  configuration: ({ addresses, keys }) => ({
    mtls: { mode: 'direct', port: portOf(addresses.mutual), ca: [keys.authority] },
    authentication: { acr_values: { [ACR]: ['pwd'] } },
    // The suite asks one person as often as it likes.
    limits: { approval: { account_client: unlimited, account: unlimited } },
  }),

  async prepare(setup, call) {
    const { folder, keys, person } = setup;
    const { issuer, bank: address } = setup.addresses;
    for (const client of fapiClients(setup)) await call('/clients', client);

    const policy = { types: ['financial'], fapi_profile: 'fapi1-advanced' };
    const made = await call('/registration-tokens', { policy, expires_in: 86_400, uses: 1000 });

    const { client_id, client_secret } = await call('/clients', { type: 'server-to-server' });
    const introspect = async (token: string) => {
      const answer = await fetch(`${issuer}/introspect`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`${client_id}:${client_secret}`)}` },
        body: new URLSearchParams({ token }),
      });
      return (await answer.json()) as Introspected;
    };
    const bank = await openBank({
      port: portOf(address),
      tls: { ...keys.server, ciphers: Config.parse({}).http.tls_ciphers },
      introspect,
      decide: createApprover(issuer, join(folder, 'mail'), person),
    });
    return { registrationToken: String(made.token), close: bank.close };
  },
};
