/** What both servers know: the same clients, the same person, the same resource. */
import type { JsonWebKey } from 'node:crypto';

export interface Credentials {
  client_id: string;
  client_secret: string;
}

export interface Fixture {
  /** Signs people in with the code flow and refreshes. */
  web: Credentials;
  /** Fetches tokens for itself. */
  service: Credentials;
  /** Asks people for their approval of a device; it has no secret. */
  device: { client_id: string };
  /** What the web client signs its requests with (ES256), as JWK. */
  signer: { private: JsonWebKey; public: JsonWebKey };
  account: { email: string; password: string; claims: Readonly<Record<string, string>> };
  /** Its access tokens are ES256 JWTs; `service` may ask for its scope. */
  resource: { identifier: string; scope: string };
}

/** Where codes are sent; nobody listens there. */
export const redirectUri = 'https://rp.example.com/callback';

/** The metadata of the clients, as RFC 7591 names it. */
export const metadata = {
  web: {
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'client_secret_basic',
    // The algorithm that OpenID Connect makes everyone support, and the default of both servers.
    id_token_signed_response_alg: 'RS256',
  },
  service: {
    redirect_uris: [],
    grant_types: ['client_credentials'],
    response_types: [],
    token_endpoint_auth_method: 'client_secret_basic',
  },
  device: {
    redirect_uris: [],
    grant_types: ['urn:ietf:params:oauth:grant-type:device_code'],
    response_types: [],
    token_endpoint_auth_method: 'none',
  },
};

/** What is said of the person beside the e-mail address. */
export const claims = {
  name: 'Ada Lovelace',
  given_name: 'Ada',
  family_name: 'Lovelace',
  preferred_username: 'ada',
  locale: 'en-GB',
  zoneinfo: 'Europe/London',
  birthdate: '1815-12-10',
};

/** HTTP Basic (RFC 6749, section 2.3.1). */
export const basic = ({ client_id, client_secret }: Credentials): string => {
  const [id, secret] = [client_id, client_secret].map(encodeURIComponent);
  return `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
};
