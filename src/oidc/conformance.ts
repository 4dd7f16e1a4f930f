import type { AdapterPayload } from 'oidc-provider';
import type { ExtraProperties } from './client.ts';

/**
 * OpenID conformance, as the registration words it: the refresh tokens of such a client have the
 * scope `openid` and no other, and so has what they are exchanged for. Whether one outlives the
 * session was decided with the code and is kept beside the scope, so rotation goes on as before.
 */
export function narrowRefreshToken(
  payload: AdapterPayload,
  client: Partial<ExtraProperties> | undefined,
): AdapterPayload {
  const scopes = String(payload.scope ?? '').split(' ');
  return client?.openid_conformance && scopes.includes('openid')
    ? { ...payload, scope: 'openid' }
    : payload;
}
