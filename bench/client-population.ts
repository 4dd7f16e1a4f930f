import { createHash } from 'node:crypto';
import { type Client, type StoredClient, withKeys } from '../src/clients/client.ts';
import type { ClientMetadata, ClientMetadataInput } from '../src/clients/metadata.ts';
import { needsSecret } from '../src/clients/secrets.ts';
import { createClientValidator } from '../src/clients/validate.ts';
import { places, rarity, trades } from './store-documents.ts';

const validator = createClientValidator({
  defaultProfile: 'fapi2-security-profile',
  mtls: false,
  attestation: false,
  scopes: new Set(['openid', 'offline_access', 'profile', 'email', 'address', 'phone']),
  acrs: new Set(),
});

const callback = 'https://app.example/callback';
const jwks_uri = 'https://app.example/jwks.json';

/** Kinds of clients as a company has them, each as often as it stands here. */
const kinds: readonly ClientMetadataInput[] = [
  { type: 'web', redirect_uris: [callback] },
  { type: 'web', redirect_uris: [callback], fapi_profile: 'fapi1-baseline', jwks_uri },
  { type: 'web', redirect_uris: [callback], scope: 'openid profile email offline_access' },
  { type: 'web', redirect_uris: [callback], first_party: false },
  { type: 'single-page-application', redirect_uris: [callback] },
  { type: 'single-page-application', redirect_uris: [callback], first_party: false },
  { type: 'native', redirect_uris: [callback, 'org.example.app:/callback'] },
  { type: 'server-to-server' },
  { type: 'device' },
  {
    type: 'financial',
    redirect_uris: [callback],
    jwks_uri,
    token_endpoint_auth_method: 'private_key_jwt',
  },
];

/** Each judged once: a hundred thousand times would take longer than what is measured. */
const templates: readonly ClientMetadata[] = kinds.map((kind) => validator.check(kind));

const moved = (addresses: readonly string[], host: string): string[] =>
  addresses.map((uri) => uri.replace('app.example', host));

/** Its id, known beforehand; ids are in no order. */
export const clientIdOf = (n: number): string =>
  createHash('sha256').update(String(n)).digest('base64url').slice(0, 22).replace(/^[_-]/, 'a');

function metadataOf(n: number, count: number, hash: Buffer): ClientMetadata {
  const [place, trade] = [places, trades].map((list, at) => list[(hash[at] ?? 0) % list.length]);
  const template = templates[(hash[2] ?? 0) % templates.length] as ClientMetadata;
  const host = `app-${n}.team${n % 500}.example`;
  const common = n % 5 === 0 ? 'mobile' : '';
  const words = [place, trade, n.toString(36), rarity(n, count), common];
  return {
    ...template,
    client_name: words.filter(Boolean).join(' '),
    description: `Of team ${n % 500}, at ${host}`,
    client_uri: `https://${host}`,
    logo_uri: `https://${host}/logo.svg`,
    policy_uri: `https://${host}/privacy`,
    contacts: [`team${n % 500}@example.org`],
    tags: [`team${n % 500}`, `tier${n % 3}`],
    redirect_uris: moved(template.redirect_uris, host),
    ...(template.jwks_uri && { jwks_uri: `https://${host}/jwks.json` }),
  };
}

/** Of these the server's dynamic registration made one in seven, as far as can be seen. */
const registered = (n: number, { type }: ClientMetadata): boolean =>
  n % 7 === 0 && type !== 'server-to-server';

/** The same clients each time, as they are stored. @param count of all of them */
export function populationClient(n: number, count: number): { id: string; value: StoredClient } {
  const hash = createHash('sha256').update(`client ${n}`).digest();
  const metadata = metadataOf(n, count, hash);
  const created = 1_700_000_000 + (hash.readUInt32BE(4) % 60_000_000);
  const text = hash.toString('base64url');
  const client: Client = {
    metadata,
    secrets: needsSecret(metadata)
      ? [{ id: text.slice(0, 11), prefix: text.slice(0, 4), hash: text, created }]
      : [],
    origin: { via: registered(n, metadata) ? 'registration' : 'api' },
    created,
    updated: created,
    ...(registered(n, metadata) && { registration: { token: text } }),
  };
  const id = clientIdOf(n);
  return { id, value: withKeys(id, client) };
}
