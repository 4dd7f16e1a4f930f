import type { Resources } from '../clients/resources.ts';
import type { Pages } from '../oidc/provider.ts';
import { UnavailableError } from '../store/store.ts';
import { devicePages } from './device.ts';
import type { PageWriter } from './pages.ts';

/** What a person reads of an error: the classes whose name says more than their code. */
const codes: Readonly<Record<string, string>> = {
  SessionNotFound: 'session_not_found',
  InvalidRedirectUri: 'invalid_redirect_uri',
};

const codeOf = (out: { error: string }, error: Error): string =>
  error instanceof UnavailableError ? 'temporarily_unavailable' : (codes[error.name] ?? out.error);

/** The pages that the engine asks for, in our theme. */
export const enginePages = (pages: PageWriter, resources: Resources): Pages => ({
  ...devicePages(pages, resources),
  error: (ctx, out, error) => pages.error(ctx, codeOf(out, error), ctx.oidc?.client?.clientId),
  logout: (ctx, form) => pages.write(ctx, 'logout', ctx.oidc.client?.clientId, { form }),
  signedOut: (ctx) => pages.write(ctx, 'signed-out', ctx.oidc.client?.clientId, {}),
});
