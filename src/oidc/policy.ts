import { interactionPolicy } from 'oidc-provider';
import { type AcrTable, acrChecker } from './acr.ts';
import type { ExtraProperties } from './client.ts';

/**
 * The engine's own prompts and checks, with two differences. It asks people before every sign-in to
 * a native application (RFC 8252, section 8.6); first-party ones are spared that as all consent is.
 * And it knows one acr of a session and would ask for the password again and again when that is not
 * the one; what a login satisfies is ours to say (`acr.ts`).
 */
export function createPolicy(acrs: AcrTable) {
  const policy = interactionPolicy.base();
  const consent = policy.get('consent');
  const login = policy.get('login');
  const native = consent?.checks.get('native_client_prompt');
  const essential = ['essential_acr', 'essential_acrs'].map((name) => login?.checks.get(name));
  if (!native || !login || essential.includes(undefined)) {
    throw new Error('the engine’s prompts have changed');
  }
  const asks = native.check;
  native.check = (ctx) => {
    const client = ctx.oidc.client as (ExtraProperties & object) | undefined;
    return client?.first_party ? false : asks(ctx);
  };
  const [acr] = essential;
  login.checks.remove('essential_acrs');
  if (acr) acr.check = acrChecker(acrs);
  return policy;
}
