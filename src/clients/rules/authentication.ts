import type { Rule } from './rule.ts';

const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];

/** @source RFC 7591, section 2; RFC 6749, section 4.4 */
export const authentication: Rule = {
  id: 'authentication-method',
  title: 'The client has what its authentication method needs, and no private keys',
  spec: 'RFC 7591, section 2; RFC 6749, section 4.4',
  reads: ['token_endpoint_auth_method', 'jwks', 'jwks_uri', 'grant_types'],
  *check(client) {
    const { token_endpoint_auth_method: method, jwks, jwks_uri, grant_types } = client;
    if (jwks && jwks_uri) {
      yield {
        pointer: '/jwks_uri',
        detail: 'give keys or their address, not both',
        fix: 'remove one',
      };
    }
    if (method === 'private_key_jwt' && !jwks && !jwks_uri) {
      yield {
        pointer: '/jwks',
        detail: 'private_key_jwt needs public keys',
        fix: 'add jwks or jwks_uri',
      };
    }
    if (method === 'none' && grant_types.includes('client_credentials')) {
      yield {
        pointer: '/token_endpoint_auth_method',
        detail: 'client_credentials is for clients that can prove who they are',
        fix: 'choose client_secret_basic or private_key_jwt',
      };
    }
    for (const [index, key] of (jwks?.keys ?? []).entries()) {
      for (const member of PRIVATE) {
        if (Object.hasOwn(key, member)) {
          yield {
            pointer: `/jwks/keys/${index}/${member}`,
            detail: 'is private key material, which must never leave the client',
            fix: 'register the public key and replace this key pair',
          };
        }
      }
    }
  },
};
