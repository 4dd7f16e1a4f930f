import type { CollectionSpec } from '../store/store.ts';
import { type SessionKeys, sessionIndexes } from './session-keys.ts';

/**
 * What the protocol engine keeps, as documents. A copy of the store must be worth nothing, so the
 * engine's ids – tokens, codes, session and interaction ids – are there only as digests, and what
 * belongs to them is sealed; in clear stands only what documents are found by, digested too.
 */
export interface Artifact extends SessionKeys {
  /** The engine's payload without its id. */
  sealed: string;
  grant?: string;
  uid?: string;
  user_code?: string;
  /** Whose it is, so that an administrator can end it. */
  account?: string;
  client?: string;
  /** Of a grant, both of them: busy clients hold thousands for one account; see `originOfPair`. */
  pair?: string;
  /** Of a grant that was made from another, that one; see `grants/derived.ts`. */
  derived?: string;
}

/** How one of the engine's models is kept. */
export interface Model {
  spec: CollectionSpec;
  /** Tokens die with the grant that they were issued under. */
  grantable?: true;
  /** Most are never looked at in the process that issued them. */
  writtenOnly?: true;
}

const model = (name: string, indexes: string[] = [], more: Omit<Model, 'spec'> = {}): Model => ({
  spec: { name, indexes: Object.fromEntries(indexes.map((index) => [index, 'plain' as const])) },
  ...more,
});

export const models: Readonly<Record<string, Model>> = {
  AccessToken: model('access_tokens', ['grant'], { grantable: true, writtenOnly: true }),
  AuthorizationCode: model('authorization_codes', ['grant'], { grantable: true }),
  RefreshToken: model('refresh_tokens', ['grant', 'client'], { grantable: true }),
  DeviceCode: model('device_codes', ['grant', 'user_code'], { grantable: true }),
  BackchannelAuthenticationRequest: model('backchannel_requests', ['grant'], { grantable: true }),
  ClientCredentials: model('client_credentials', [], { writtenOnly: true }),
  Grant: model('grants', ['account', 'client', 'pair', 'derived']),
  Interaction: model('interactions', ['account']),
  PushedAuthorizationRequest: model('pushed_requests'),
  Session: { spec: { name: 'sessions', indexes: sessionIndexes } },
};

export const replaysCollection: CollectionSpec = { name: 'replays' };

export const artifactCollections: readonly CollectionSpec[] = [
  ...Object.values(models).map((entry) => entry.spec),
  replaysCollection,
];

const specOf = (name: string): CollectionSpec => (models[name] as Model).spec;

/** For what ends sessions and grants from outside the engine; see `sessions.ts`. */
export const sessionsCollection = specOf('Session');
export const interactionsCollection = specOf('Interaction');
export const grantsCollection = specOf('Grant');
export const refreshTokens = specOf('RefreshToken');
/** What dies with its grant; its index `grant` holds the id of the grant's document. */
export const grantableCollections: readonly CollectionSpec[] = Object.values(models)
  .filter((entry) => entry.grantable)
  .map((entry) => entry.spec);
