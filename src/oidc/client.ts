import { createHmac, timingSafeEqual } from 'node:crypto';
import { type AdapterPayload, errors, Provider } from 'oidc-provider';
import type { Client, Clients } from '../clients/clients.ts';
import type { TypeTable } from '../clients/declared-types.ts';
import { isValid, matchSecret, needsSecret, openSecret, readSecret } from '../clients/secrets.ts';
import type { Usage } from '../clients/usage.ts';
import type { ClientValidator } from '../clients/validate.ts';
import type { clientTypes } from '../clients/values.ts';
import { digest } from '../lib/ids.ts';
import type { Vault } from '../lib/seal.ts';
import { epoch } from '../lib/time.ts';
import { toEngineTypes } from './token-responses.ts';

/** Properties of ours that travel with the engine's client, under their own names. */
export const extraProperties = [
  'type',
  'description',
  'first_party',
  'openid_conformance',
  'extra_metadata',
  'fapi_profile',
  'require_pkce',
  'dpop_require_nonce',
  'token_exchange',
  'frontchannel_logout_uri',
  'frontchannel_logout_session_required',
  'registered_response_types',
] as const;

/** The engine's client as the rest of this folder reads it. */
export interface ExtraProperties {
  type: (typeof clientTypes)[number];
  description?: string;
  first_party: boolean;
  openid_conformance: boolean;
  extra_metadata?: Record<string, string>;
  fapi_profile?: string;
  require_pkce?: boolean;
  dpop_require_nonce?: boolean;
  token_exchange?: { subject_clients: string[]; delegation: boolean; impersonation: boolean };
  frontchannel_logout_uri?: string;
  frontchannel_logout_session_required?: boolean;
  /** Only where the engine is told others; see `token-responses.ts`. */
  registered_response_types?: string[];
}

/**
 * The secret that the assertion of this request was made with (`client_secret_jwt`). Several may be
 * valid at once and the engine knows one secret of a client, so it is told the right one.
 */
function assertedSecret(vault: Vault, clientId: string, client: Client) {
  const assertion = (Provider.ctx?.oidc.body as { client_assertion?: unknown })?.client_assertion;
  const usable = client.secrets.filter((secret) => secret.sealed && isValid(secret));
  if (usable.length === 0 || typeof assertion !== 'string') return undefined;
  const [header = '', payload = '', signature = ''] = assertion.split('.');
  const given = Buffer.from(signature, 'base64url');
  return usable.find((secret) => {
    const plain = openSecret(vault, clientId, secret) ?? '';
    const mac = createHmac('sha256', plain).update(`${header}.${payload}`).digest();
    return mac.length === given.length && timingSafeEqual(mac, given);
  });
}

/**
 * Makes stored clients into what the engine loads. The engine wants a `client_secret` for every
 * method that has one: where only a hash is kept it gets a value that nobody can know or present, so
 * that no HMAC made with it is ever accepted, and `enforceSecrets` does the comparing.
 *
 * A client that its administrator disabled, or that is set aside, is none. One that does not meet the
 * profile that it claims is refused: to serve it would be to claim it too. A type of authorization
 * details that no resource declares is none either: the engine would not load a client that has it.
 *
 * @param declared the types that the engine has been told of
 */
export function createEngineClients(
  vault: Vault,
  validator: ClientValidator,
  usage: Usage,
  declared: () => TypeTable,
) {
  /** A client in the cache is one object until it changes; what follows from it is made once. */
  const made = new WeakMap<Client, AdapterPayload>();

  const build = (clientId: string, { metadata }: Client, secret: string | undefined) => {
    const types = metadata.authorization_details_types?.filter((type) => declared().has(type));
    const client = {
      ...metadata,
      ...toEngineTypes(metadata.response_types),
      ...(types && { authorization_details_types: types }),
      client_id: clientId,
      ...(secret && { client_secret: secret }),
    };
    // A copy: the engine writes thumbprints into the keys that it is given.
    return JSON.parse(JSON.stringify(client)) as AdapterPayload;
  };

  /**
   * The engine tells clients apart by their JSON, which it writes and hashes at every look-up. One
   * that is handed out again and again says the same in less.
   */
  const brief = (payload: AdapterPayload): AdapterPayload => {
    const short = digest(JSON.stringify(payload));
    return Object.defineProperty(payload, 'toJSON', { value: () => short });
  };

  const toEngine = (clientId: string, client: Client): AdapterPayload => {
    const known = made.get(client);
    if (known) return known;
    // A secret that can be read can also expire while the client stays as it is.
    const asserted = assertedSecret(vault, clientId, client);
    if (asserted) usage.note(clientId, { secrets: asserted.id });
    const readable = asserted
      ? openSecret(vault, clientId, asserted)
      : readSecret(vault, clientId, client.secrets);
    if (readable !== undefined) return build(clientId, client, readable);
    const unknowable = needsSecret(client.metadata)
      ? vault.blind(clientId, 'a secret that nobody can present')
      : undefined;
    const payload = build(clientId, client, unknowable);
    const { authorization_details_types: types } = client.metadata;
    const isLasting = types === undefined && client.secrets.every(({ sealed }) => !sealed);
    if (isLasting) made.set(client, brief(payload));
    return payload;
  };

  const refused = new WeakMap<Client, string | undefined>();
  const flawOf = (client: Client): string | undefined => {
    if (!refused.has(client)) {
      refused.set(client, validator.profileViolations(client.metadata)[0]?.rule);
    }
    return refused.get(client);
  };

  return {
    toEngine,
    /** What the engine loads in a flow. */
    serve(clientId: string, client: Client | undefined): AdapterPayload | undefined {
      if (!client || isSetAside(client)) return undefined;
      const flaw = flawOf(client);
      if (flaw !== undefined) {
        throw new errors.InvalidClient(
          'the client does not meet its FAPI profile',
          `${client.metadata.fapi_profile}: ${flaw}`,
        );
      }
      return toEngine(clientId, client);
    },
  };
}

/** Whether a client is none: disabled, in quarantine, or expired. */
const isSetAside = ({ metadata, registration: { quarantined, expires } = { token: '' } }: Client) =>
  metadata.disabled || quarantined !== undefined || (expires !== undefined && expires <= epoch());

const presentedBy: Readonly<
  Record<string, (headers: { authorization?: string | undefined }) => boolean>
> = {
  client_secret_basic: (headers) => headers.authorization !== undefined,
  client_secret_post: (headers) => headers.authorization === undefined,
};

/**
 * Compares presented secrets with those that are kept, and holds a client to the method it is
 * registered with: the engine itself takes `client_secret_basic` for `client_secret_post` and back.
 */
export function enforceSecrets(
  provider: Provider,
  { clients, vault, usage }: { clients: Clients; vault: Vault; usage: Usage },
): void {
  provider.Client.prototype.compareClientSecret = async function compareClientSecret(
    presented: string,
  ) {
    const method = this.clientAuthMethod ?? '';
    if (Provider.ctx && presentedBy[method]?.(Provider.ctx.headers) === false) {
      throw new errors.InvalidClientAuth(`the registered authentication method is ${method}`);
    }
    const client = await clients.find(this.clientId);
    const matched = client && matchSecret(vault, this.clientId, client.secrets, presented);
    if (matched !== undefined) usage.note(this.clientId, { secrets: matched });
    return matched !== undefined;
  };
}
