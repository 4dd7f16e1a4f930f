import {
  type Adapter,
  type AdapterFactory,
  type AdapterPayload,
  type KoaContextWithOIDC,
  Provider,
} from 'oidc-provider';
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

const words = (scope: unknown): string[] =>
  String(scope ?? '')
    .split(' ')
    .filter(Boolean);

/**
 * A refresh may name any scope that was granted once, the narrow token or not, and the answer says
 * what came of it; the engine would refuse what the token has not. Whoever names none of what is left
 * is refused as before, and so is what was never granted.
 * @source RFC 6749, sections 3.3 and 6
 */
async function narrowRequest(oidc: KoaContextWithOIDC['oidc'], token: AdapterPayload) {
  const asked = words(oidc.params?.scope);
  const kept = new Set(words(token.scope));
  if (!oidc.params || asked.every((one) => kept.has(one))) return;
  const grant = await oidc.provider.Grant.find(String(token.grantId));
  const resources = Object.keys(grant?.resources ?? {});
  const granted = new Set([
    ...words(grant?.getOIDCScope()),
    ...resources.flatMap((one) => words(grant?.getResourceScope(one))),
  ]);
  const left = asked.filter((one) => kept.has(one) || !granted.has(one));
  if (left.length > 0) oidc.params.scope = left.join(' ');
}

/** Refresh tokens as they are kept, and requests with those that are narrower than their grant. */
export function narrowRefreshRequests(factory: AdapterFactory): AdapterFactory {
  const narrowed = (adapter: Adapter): Adapter => ({
    ...adapter,
    async find(id) {
      const token = await adapter.find(id);
      const oidc = Provider.ctx?.oidc;
      const client = oidc?.client as Partial<ExtraProperties> | undefined;
      const mine = oidc?.route === 'token' && token?.clientId === oidc.client?.clientId;
      if (mine && token && client?.openid_conformance) await narrowRequest(oidc, token);
      return token;
    },
  });
  return (name) => (name === 'RefreshToken' ? narrowed(factory(name)) : factory(name));
}
