import type { Clients } from '../clients/clients.ts';
import type { Resources } from '../clients/resources.ts';
import type { Vault } from '../lib/seal.ts';

/** The client that the dashboard is to its own server; its name is part of the audit. */
export const DASHBOARD_CLIENT = 'clientele-dashboard';

/** The same in every process, kept nowhere: it follows from the key of the vault. */
export const dashboardSecret = (vault: Vault): string =>
  vault.blind(DASHBOARD_CLIENT, 'the dashboard’s client secret');

/**
 * Makes sure that the dashboard is a client, as any relying party is: confidential, with PKCE, at
 * this issuer's address, and open to the whole API, of which each person gets what their roles allow.
 */
export async function ensureDashboard(
  issuer: string,
  { clients, resources, vault }: { clients: Clients; resources: Resources; vault: Vault },
): Promise<void> {
  const addresses = {
    redirect_uris: [`${issuer}/dashboard/callback`],
    post_logout_redirect_uris: [`${issuer}/dashboard/signed-out`],
  };
  await clients.ensure(
    DASHBOARD_CLIENT,
    {
      type: 'web',
      client_name: 'Clientele dashboard',
      description: 'Where administrators manage this server',
      first_party: true,
      require_auth_time: true,
      ...addresses,
    },
    dashboardSecret(vault),
  );
  // The server may have moved since.
  const { metadata } = (await clients.get(DASHBOARD_CLIENT)).value;
  if (metadata.redirect_uris?.join() !== addresses.redirect_uris.join()) {
    await clients.replace(DASHBOARD_CLIENT, { ...metadata, ...addresses }, { via: 'server' });
  }
  await resources.ensureOwn(DASHBOARD_CLIENT);
}
