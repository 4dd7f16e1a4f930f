/**
 * "Try it": an administrator walks through a client's real flow, as themself, and sees each request,
 * each answer, and what the tokens say. It is the server's own endpoints that answer; nothing is
 * simulated, and nothing is opened for it.
 *
 * What a browser is needed for stays in the browser. The authorization request is a link to the real
 * endpoint: login, second factors, consent and the rules of the client's profile are what they always
 * are, and the dashboard holds nobody's login session. The one thing that differs is the last hop. The
 * response belongs to the application's redirect URI, where it would be lost (a custom scheme, a host
 * that runs elsewhere) or used up. So the server, which has just made it, hands it to the try that
 * began the request instead (`catch.ts`) – when the state is the one that the try made up, the browser
 * has the dashboard session that the try belongs to, and who is signed in at the server is the
 * administrator. Otherwise it goes where it always goes, or nowhere. The alternatives are worse: a
 * redirect URI of the dashboard would change what is tried; sending the person's session cookie from
 * here would make a second way around login pages; an address pasted back can be somebody else's.
 *
 * What no browser is needed for is sent by the server to itself (`exchange.ts`), with the client's own
 * authentication. Secrets are kept as hashes, so the administrator types the secret, or pastes the
 * private key; whoever has neither cannot act as the client. They live as long as the try: sealed, ten
 * minutes after the last step, then gone, and no page shows them again. There is no secret for tries,
 * which would be a way to become any client.
 *
 * Tokens are for the administrator or, of `client_credentials`, for the client. A device code that
 * somebody else has let in is not redeemed (`acts.ts`), and back-channel requests ask the administrator
 * alone. Everything is counted, limited and written down like any other request.
 *
 * Reading needs `clients:read`; acting needs `clients:write`. A person has one try per client and
 * session; beginning another ends the one before.
 */
import type { JWK } from 'jose';
import type { CollectionSpec } from '../../store/store.ts';

export const triesCollection: CollectionSpec = { name: 'dashboard_tries' };

/** Seconds after its last step at which a try, with all that was typed, is gone. */
export const KEPT = 600;
/** Steps that are remembered, the newest. */
export const STEPS = 12;

/** A text below `dashboard.try`. */
export interface Said {
  key: string;
  parameters?: Readonly<Record<string, string | number>>;
}

export type Pair = readonly [name: string, value: string];

/** One request and what came of it; nothing secret is in it. */
export interface Step {
  /** A text below `dashboard.try.steps`. */
  name: string;
  request: { method: string; address: string; headers: Pair[]; parameters: Pair[] };
  answer?: { status?: number; headers: Pair[]; lines: string[] };
  means: Said[];
  failed?: boolean;
  /** The correlation id, by which the server knows why. */
  id?: string;
}

/** What proves who the client is. */
export interface Credentials {
  secret?: string;
  /** Private. */
  key?: JWK;
}

/** The authorization request that an answer must fit. */
export interface Sent {
  response_type: string;
  redirect_uri: string;
  state: string;
  nonce: string;
  verifier: string;
  resource?: string;
}

export interface Tokens {
  access_token?: string;
  token_type?: string;
  id_token?: string;
  refresh_token?: string;
  scope?: string;
  expires_in?: number;
}

export interface Device {
  device_code: string;
  user_code: string;
  verification_uri: string;
  verification_uri_complete: string;
  /** A picture of that; absent in what an earlier version kept. */
  verification_uri_qr?: string;
}

export interface Try {
  /** The client's id. */
  client: string;
  flow: 'people' | 'service' | 'device' | 'ciba';
  credentials: Credentials;
  steps: Step[];
  /** The key that tokens are bound to (DPoP). */
  proof?: JWK;
  sent?: Sent;
  /** Where the browser goes now, a path. */
  address?: string;
  code?: string;
  device?: Device;
  /** The `auth_req_id` of a back-channel request. */
  request?: string;
  tokens?: Tokens;
}
