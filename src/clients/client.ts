import type { Actor } from '../audit/audit.ts';
import { folded, wordsOf } from '../lib/words.ts';
import type { CollectionSpec } from '../store/store.ts';
import { credentialsExpiry } from './credentials.ts';
import type { ClientMetadata } from './metadata.ts';
import type { ClientSecret } from './secrets.ts';

/** Where a client came from, and by whose leave. */
export interface Origin {
  via: Actor['via'];
  /** Of the initial access token that it was registered with. */
  initial_access_token?: string;
  /** The name of the registration policy. */
  policy?: string;
}

/** A client as it is stored. */
export interface Client {
  metadata: ClientMetadata;
  secrets: ClientSecret[];
  origin: Origin;
  /** Seconds since the epoch. */
  created: number;
  updated: number;
  /** What only a dynamically registered client has. */
  registration?: Registration;
}

/** @source RFC 7592 */
export interface Registration {
  /** The digest of the registration access token. */
  token: string;
  /** The policy that it was registered under, as it was then; its changes pass it too. */
  policy?: unknown;
  /** The software statement that it was registered with, and what of it counts. */
  statement?: unknown;
  /** How long secrets live that are made for it, seconds. */
  secret_ttl?: number;
  /** When the client ceases to exist, seconds since the epoch. */
  expires?: number;
  /** Since when it is set aside because nobody uses it, seconds since the epoch. */
  quarantined?: number;
}

/** What clients are found and sorted by. */
interface Keys {
  name: string;
  made: string;
  changed: string;
  type: string;
  party: 'first' | 'third';
  from: string;
  profile: string;
  /** When its credentials end; absent when they do not. */
  ends?: string | undefined;
  terms: string[];
}

export type StoredClient = Client & Keys;

export const clientsCollection: CollectionSpec = {
  name: 'clients',
  indexes: {
    name: 'plain',
    made: 'plain',
    changed: 'plain',
    type: 'plain',
    party: 'plain',
    from: 'plain',
    profile: 'plain',
    ends: 'plain',
    terms: 'many',
  },
};

/** Grows when `withKeys` makes other keys, so that stored clients are given them. */
export const KEYS_VERSION = 3;

/** More would be a way to make a store slow. */
const MAX_TERMS = 150;
/** UTF-16 units of a term that count. */
export const MAX_TERM = 200;

/** A host and each domain above it but the last: `a.b.example` is found by `b.example` too. */
const hosts = (uri: string): string[] => {
  const host = URL.parse(uri)?.hostname ?? '';
  const labels = host.split('.');
  return host
    ? labels
        .slice(0, -1)
        .map((_, index) => labels.slice(index).join('.'))
        .concat(host)
    : [];
};

/** Sorts as the number does. */
export const sortable = (seconds: number) => String(seconds).padStart(12, '0');

/** Names sort without case, then by id as all ties do; a client without one by its id. */
const nameKey = (clientId: string, { client_name }: ClientMetadata) =>
  folded(client_name ?? clientId).slice(0, 100);

/** What clients are filtered by. Begins with a space, as no word does that somebody looks for. */
export const filterTerm = (kind: 'tag' | 'host' | 'state', value: string) =>
  ` ${kind}:${value}`.slice(0, MAX_TERM);

/** What flows make of a client: they do not know one that is disabled or set aside. */
export const clientStates = ['enabled', 'disabled', 'quarantined'] as const;

const stateOf = ({ metadata, registration }: Client): (typeof clientStates)[number] => {
  if (metadata.disabled) return 'disabled';
  return registration?.quarantined === undefined ? 'enabled' : 'quarantined';
};

const termsOf = (clientId: string, client: Client): string[] => {
  const { metadata } = client;
  const { client_name = '', tags = [], redirect_uris = [], software_id } = metadata;
  // What every client must be found by comes first: of many hosts the last are left out.
  const all = [
    filterTerm('state', stateOf(client)),
    folded(clientId),
    ...wordsOf(client_name),
    folded(client_name),
    ...[tags].flat().flatMap((tag) => [folded(tag), filterTerm('tag', tag)]),
    ...[redirect_uris]
      .flat()
      .flatMap((uri) => hosts(uri).flatMap((host) => [host, filterTerm('host', host)])),
    ...(software_id ? [folded(software_id)] : []),
  ];
  return [...new Set(all.filter(Boolean).map((term) => term.slice(0, MAX_TERM)))].slice(
    0,
    MAX_TERMS,
  );
};

/** The document that is stored: the client, and what it is found by. */
export function withKeys(clientId: string, client: Client): StoredClient {
  const { metadata, origin } = client;
  const ends = credentialsExpiry(client);
  return {
    ...client,
    name: nameKey(clientId, metadata),
    made: sortable(client.created),
    changed: sortable(client.updated),
    type: metadata.type,
    party: metadata.first_party ? 'first' : 'third',
    from: origin.via,
    profile: metadata.fapi_profile ?? 'none',
    // Said even when there is none: what was stored before may have had one.
    ends: ends === undefined ? undefined : sortable(ends),
    terms: termsOf(clientId, client),
  };
}

/** URL-safe, and never of a form that a client ID metadata document would have. */
export const CLIENT_ID = /^[A-Za-z0-9._~-]{1,256}$/;
