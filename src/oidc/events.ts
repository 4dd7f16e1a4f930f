import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import { registeredFor } from '../clients/redirect-use.ts';
import type { Usage } from '../clients/usage.ts';
import type { Log } from '../lib/log.ts';

/** What the engine reports as refused; the last word on each is the caller's answer, not a failure. */
export const refusals = [
  'authorization.error',
  'grant.error',
  'introspection.error',
  'revocation.error',
  'userinfo.error',
  'end_session.error',
  'end_session_confirm.error',
  'pushed_authorization_request.error',
  'device_authorization.error',
  'backchannel_authentication.error',
  'code_verification.error',
  'device_resume.error',
  'discovery.error',
  'jwks.error',
] as const;

/** Writes what the engine tells to the log: the reason in full, under the request's correlation id. */
export function logEvents(provider: Provider, log: Log): void {
  const about = (ctx: KoaContextWithOIDC) => ({
    id: (ctx as { state?: { id?: string } }).state?.id,
    client_id: ctx.oidc?.client?.clientId,
    route: ctx.oidc?.route,
  });
  for (const event of refusals) {
    provider.on(event as 'grant.error', (ctx, error) => {
      log.info(
        {
          ...about(ctx),
          error: error.error,
          description: error.error_description,
          detail: error.error_detail,
        },
        event,
      );
    });
  }
  provider.on('server_error', (ctx, error) =>
    log.error({ ...about(ctx), err: error }, 'server_error'),
  );
  provider.on('grant.revoked', (ctx) => log.info(about(ctx), 'grant.revoked'));
  provider.on('authorization.success', (ctx) => {
    log.info({ ...about(ctx), account: ctx.oidc.session?.accountId }, 'authorization.success');
  });
}

/** Notes what of a client was used: its grants and redirect URIs. */
export function noteUses(provider: Provider, usage: Usage): void {
  const text = (name: string, value: unknown) =>
    typeof value === 'string' ? { [name]: value } : {};
  provider.on('authorization.success', ({ oidc }) => {
    const { client, params } = oidc;
    if (!client) return;
    const sent = params?.redirect_uri;
    const used = typeof sent === 'string' && registeredFor(client.redirectUris ?? [], sent);
    usage.note(client.clientId, text('redirect_uris', used));
  });
  provider.on('grant.success', ({ oidc }) => {
    if (oidc.client) usage.note(oidc.client.clientId, text('grant_types', oidc.params?.grant_type));
  });
}
