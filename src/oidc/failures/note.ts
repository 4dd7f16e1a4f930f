import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import { refusals } from '../events.ts';
import type { Failures } from './failures.ts';
import { see } from './seen.ts';

/** What is part of a flow that works: polling, silent sign-in, the first request with DPoP. */
const usual: ReadonlySet<string | undefined> = new Set([
  'authorization_pending',
  'slow_down',
  'login_required',
  'consent_required',
  'interaction_required',
  'use_dpop_nonce',
  'use_attestation_challenge',
]);

/** Has what the engine refuses written down. */
export function noteFailures(provider: Provider, failures: Failures): void {
  const note = (ctx: KoaContextWithOIDC, error: Error & { error?: string }, isOurs: boolean) => {
    if (!usual.has(error.error)) failures.note(() => see(ctx, error, isOurs));
  };
  for (const event of refusals) {
    provider.on(event as 'grant.error', (ctx, error) => note(ctx, error, false));
  }
  provider.on('server_error', (ctx, error) => note(ctx, error, true));
}

/** Has what a page of ours could not answer written down, such as a sign-in that took too long. */
export const noteThrown =
  (failures: Failures) =>
  (ctx: { state: { id?: string } }, error: string): void =>
    failures.note(() => ({
      at: Date.now(),
      request: ctx.state.id ?? '',
      endpoint: 'page',
      error,
      params: {},
    }));
