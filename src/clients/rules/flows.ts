import type { ClientMetadata } from '../metadata.ts';
import type { Rule } from './rule.ts';

type Grant = ClientMetadata['grant_types'][number];

/** The grants that a response type takes part in (OpenID Connect Registration 1.0, section 2). */
const needed = (responseType: string): Grant[] => [
  ...(responseType.includes('code') ? (['authorization_code'] as const) : []),
  ...(/token/.test(responseType) ? (['implicit'] as const) : []),
];

/** @source OpenID Connect Dynamic Client Registration 1.0, section 2 */
export const flows: Rule = {
  id: 'grants-match-responses',
  title: 'Grant types, response types and redirect URIs agree',
  spec: 'OpenID Connect Dynamic Client Registration 1.0, section 2',
  reads: ['grant_types', 'response_types', 'redirect_uris'],
  *check(client) {
    const grants = new Set<Grant>(client.grant_types);
    for (const [index, type] of client.response_types.entries()) {
      for (const grant of needed(type)) {
        if (!grants.has(grant)) {
          yield {
            pointer: `/response_types/${index}`,
            detail: `"${type}" needs the grant type ${grant}`,
            fix: `add ${grant} to grant_types`,
          };
        }
      }
    }
    const used = new Set(client.response_types.flatMap(needed));
    for (const grant of ['authorization_code', 'implicit'] as const) {
      if (grants.has(grant) && !used.has(grant)) {
        yield {
          pointer: '/grant_types',
          detail: `${grant} has no response type that leads to it`,
          fix: `add a response type or remove ${grant}`,
        };
      }
    }
    if (client.response_types.length > 0 && client.redirect_uris.length === 0) {
      yield {
        pointer: '/redirect_uris',
        detail: 'people who log in must be sent back somewhere',
        fix: 'add a redirect URI or remove the response types',
      };
    }
    if (grants.has('refresh_token') && !grants.has('authorization_code')) {
      yield {
        pointer: '/grant_types',
        detail: 'refresh_token needs a grant that issues refresh tokens',
        fix: 'add authorization_code or remove refresh_token',
      };
    }
  },
};
