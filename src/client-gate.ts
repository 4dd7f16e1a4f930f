/** What clients are judged by, made for the server and for the commands that write clients alike. */
import { createAccounts } from './accounts/accounts.ts';
import { createConsents } from './accounts/consents.ts';
import { createPasswords } from './accounts/passwords.ts';
import { type Audit, createAudit } from './audit/audit.ts';
import type { Client } from './clients/client.ts';
import { type Clients, createClients } from './clients/clients.ts';
import { createResources } from './clients/resources.ts';
import { createUsage } from './clients/usage.ts';
import { type ClientValidator, createClientValidator } from './clients/validate.ts';
import type { Config } from './config/schema.ts';
import { createLog } from './lib/log.ts';
import { createVault, type Vault } from './lib/seal.ts';
import { acceptClient } from './oidc/accept-client.ts';
import { createAdapterFactory } from './oidc/adapter.ts';
import { createEngineClients } from './oidc/client.ts';
import { clientEnder } from './oidc/client-artifacts.ts';
import { createKeys, keysCollection } from './oidc/keys.ts';
import { createProvider, type Pages } from './oidc/provider.ts';
import { loadSecrets } from './oidc/stored-secrets.ts';
import { apiScopes } from './oidc/tokens.ts';
import type { Store } from './store/store.ts';

/** The rules for clients, and who writes down that one was changed. */
export function createClientRules(
  config: Config,
  store: Store,
): { audit: Audit; validator: ClientValidator; serverScopes: Set<string> } {
  const serverScopes = new Set(['openid', 'offline_access', ...Object.keys(config.claims)]);
  return {
    audit: createAudit(store, config.audit.keep_days * 86_400),
    validator: createClientValidator({
      defaultProfile: config.clients.fapi_profile,
      mtls: config.mtls.mode !== 'off',
      attestation: config.attestation.issuers.length > 0,
      scopes: serverScopes,
      acrs: new Set(Object.keys(config.authentication.acr_values)),
    }),
    serverScopes,
  };
}

export interface ClientGate {
  clients: Clients;
  audit: Audit;
  vault: Vault;
  /** Asks the protocol engine whether it would load the client; throws a Problem when not. */
  accepts(clientId: string, client: Client): Promise<void>;
  /** Ends what belongs to a client that has gone: its grants and their tokens. */
  endClient(clientId: string): Promise<void>;
  close(): Promise<void>;
}

/** Nothing listens, so no page is ever asked for. */
const noPages = new Proxy({} as Pages, { get: () => async () => {} });

/**
 * Clients with everything that judges them, the protocol engine included, without a server: nothing
 * listens, no page is drawn.
 * @throws {OpenError} when the store was sealed with another key
 */
export async function createClientGate(
  config: Config & { secrets_key: string },
  store: Store,
): Promise<ClientGate> {
  const vault = createVault(config.secrets_key);
  const { audit, validator } = createClientRules(config, store);
  // What it would log is told as an error of the client.
  const log = createLog('silent');
  const keys = await createKeys({ config, store, vault, audit, log });
  const usage = createUsage(store, () => {});
  const resources = createResources(store, {
    identifier: `${config.issuer}/api/v1`,
    name: 'Clientele administration',
    scopes: apiScopes,
  });
  const engineClients = createEngineClients(vault, validator, usage, resources.types.current);
  const accepts: ClientGate['accepts'] = (clientId, client) =>
    acceptClient(provider, engineClients.toEngine(clientId, client));
  const clients = createClients({ store, vault, audit, validator, accepts });
  const provider = createProvider({
    config,
    keys,
    clients,
    accounts: createAccounts(store, createPasswords(config.passwords), config.passwords),
    consents: createConsents(store, config.ttl.consent),
    resources,
    usage,
    vault,
    ...(await loadSecrets(store.collection(keysCollection), vault)),
    adapter: createAdapterFactory(store, vault, async (clientId) =>
      engineClients.serve(clientId, await clients.find(clientId)),
    ),
    limits: undefined,
    pages: noPages,
    log,
  });
  await clients.prepare();

  return {
    clients,
    audit,
    vault,
    accepts,
    endClient: clientEnder(store),
    async close() {
      keys.close();
      await usage.close();
      clients.close();
      resources.close();
    },
  };
}
