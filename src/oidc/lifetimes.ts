import type { Configuration } from 'oidc-provider';
import type { Config } from '../config/schema.ts';
import { profileOfClient } from './profile-requests.ts';

/** How long things live, seconds: by the configuration, the resource and the client's profile. */
export const lifetimes = (ttl: Config['ttl']): NonNullable<Configuration['ttl']> => ({
  AccessToken: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? ttl.access_token,
  AuthorizationCode: (_ctx, _code, client) =>
    Math.min(ttl.authorization_code, profileOfClient(client)?.code_ttl ?? ttl.authorization_code),
  BackchannelAuthenticationRequest: (ctx) =>
    Math.min(
      ttl.backchannel_request,
      Number(ctx?.oidc?.params?.requested_expiry ?? ttl.backchannel_request),
    ),
  ClientCredentials: (_ctx, token) =>
    token.resourceServer?.accessTokenTTL ?? ttl.client_credentials,
  DeviceCode: ttl.device_code,
  Grant: ttl.grant,
  IdToken: ttl.id_token,
  Interaction: ttl.interaction,
  RefreshToken: (ctx, token, client) => {
    const rotated = ctx?.oidc?.entities.RotatedRefreshToken;
    // A browser's family of refresh tokens ends when its first would have (RFC 9700, 4.14.2).
    const absolute =
      rotated &&
      client.applicationType === 'web' &&
      client.clientAuthMethod === 'none' &&
      !token.isSenderConstrained();
    return absolute ? rotated.remainingTTL : ttl.refresh_token;
  },
  Session: ttl.session,
});
