import type { Clients } from '../clients/clients.ts';
import type { ClientModel } from './models.ts';
import { httpUrl } from './security-headers.ts';

/** What pages and e-mails may know of a client, and nothing else of it. */
const shown = [
  'client_name',
  'description',
  'client_uri',
  'logo_uri',
  'policy_uri',
  'tos_uri',
  'contacts',
  'extra_metadata',
] as const;

/** How a client shows itself, as it is registered at this moment; undefined when it is not known. */
export type FindBrand = (clientId: string | undefined) => Promise<ClientModel | undefined>;

/**
 * @param unregistered whether clients may come without a registration: of such a one its address is
 *   known to be true, what its document says of itself is not, so its host is all that is shown
 */
export const brandFinder =
  (clients: Clients, unregistered = false): FindBrand =>
  async (clientId) => {
    const client = clientId === undefined ? undefined : await clients.find(clientId);
    const url = client || !unregistered ? undefined : httpUrl(clientId);
    if (url?.protocol === 'https:') return { client_name: url.host };
    return client && Object.fromEntries(shown.map((name) => [name, client.metadata[name]]));
  };
