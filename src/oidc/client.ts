import { type AdapterPayload, errors, Provider } from 'oidc-provider';
import type { Client, Clients } from '../clients/clients.ts';
import type { clientTypes } from '../clients/metadata.ts';
import { matchesSecret, needsSecret, readSecret } from '../clients/secrets.ts';
import type { Vault } from '../lib/seal.ts';

/** Properties of ours that travel with the engine's client, under their own names. */
export const extraProperties = [
  'type',
  'description',
  'first_party',
  'openid_conformance',
  'extra_metadata',
] as const;

/** The engine's client as the rest of this folder reads it. */
export interface ExtraProperties {
  type: (typeof clientTypes)[number];
  description?: string;
  first_party: boolean;
  openid_conformance: boolean;
  extra_metadata?: Record<string, string>;
}

/**
 * Makes stored clients into what the engine loads. The engine wants a `client_secret` for every
 * method that has one: where only a hash is kept it gets a value that nobody can know or present, so
 * that no HMAC made with it is ever accepted, and `enforceSecrets` does the comparing.
 */
export function createEngineClients(vault: Vault) {
  /** A client in the cache is one object until it changes; what follows from it is made once. */
  const made = new WeakMap<Client, AdapterPayload>();

  const build = (clientId: string, client: Client, secret: string | undefined) =>
    ({
      ...client.metadata,
      client_id: clientId,
      ...(secret && { client_secret: secret }),
    }) as unknown as AdapterPayload;

  return (clientId: string, client: Client): AdapterPayload => {
    const known = made.get(client);
    if (known) return known;
    // A secret that can be read can also expire while the client stays as it is.
    const readable = readSecret(vault, clientId, client.secrets);
    if (readable !== undefined) return build(clientId, client, readable);
    const unknowable = needsSecret(client.metadata.token_endpoint_auth_method)
      ? vault.blind(clientId, 'a secret that nobody can present')
      : undefined;
    const payload = build(clientId, client, unknowable);
    if (client.secrets.every((secret) => secret.sealed === undefined)) made.set(client, payload);
    return payload;
  };
}

const presentedBy: Readonly<
  Record<string, (headers: { authorization?: string | undefined }) => boolean>
> = {
  client_secret_basic: (headers) => headers.authorization !== undefined,
  client_secret_post: (headers) => headers.authorization === undefined,
};

/**
 * Compares presented secrets with the hashes that are kept, and holds a client to the method it is
 * registered with: the engine itself takes `client_secret_basic` for `client_secret_post` and back.
 */
export function enforceSecrets(provider: Provider, clients: Clients): void {
  provider.Client.prototype.compareClientSecret = async function compareClientSecret(
    presented: string,
  ) {
    const method = this.clientAuthMethod ?? '';
    if (Provider.ctx && presentedBy[method]?.(Provider.ctx.headers) === false) {
      throw new errors.InvalidClientAuth(`the registered authentication method is ${method}`);
    }
    const client = await clients.find(this.clientId);
    return client !== undefined && matchesSecret(client.secrets, presented);
  };
}
