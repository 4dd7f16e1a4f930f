import { interactionPolicy } from 'oidc-provider';
import type { Resources } from '../clients/resources.ts';
import { type AcrTable, acrChecker } from './acr.ts';
import type { ExtraProperties } from './client.ts';
import { detailsChecker } from './remembered-details.ts';

/**
 * The engine's own prompts and checks, with four differences. It asks people before every sign-in to
 * a native application (RFC 8252, section 8.6); first-party ones are spared that as all consent is.
 * And it knows one acr of a session and would ask for the password again and again when that is not
 * the one; what a login satisfies is ours to say (`acr.ts`). And it asks for authorization details
 * each time; which of them are remembered is ours to say, too (`remembered-details.ts`). And to it a session
 * is one, even when its account was disabled or deleted meanwhile; here somebody has to sign in.
 * @param signUp whether people may be sent to make an account (prompt=create)
 */
export function createPolicy(acrs: AcrTable, resources: Resources, signUp: boolean) {
  const policy = interactionPolicy.base();
  const consent = policy.get('consent');
  const login = policy.get('login');
  const native = consent?.checks.get('native_client_prompt');
  const details = consent?.checks.get('rar_prompt');
  const session = login?.checks.get('no_session');
  const essential = ['essential_acr', 'essential_acrs'].map((name) => login?.checks.get(name));
  if (!native || !details || !login || !session || essential.includes(undefined)) {
    throw new Error('the engine’s prompts have changed');
  }
  const asks = native.check;
  native.check = (ctx) => {
    const client = ctx.oidc.client as (ExtraProperties & object) | undefined;
    return client?.first_party ? false : asks(ctx);
  };
  const isMissing = session.check;
  session.check = (ctx) => ctx.oidc.account === undefined || isMissing(ctx);
  details.check = detailsChecker(resources);
  const [acr] = essential;
  login.checks.remove('essential_acrs');
  if (acr) acr.check = acrChecker(acrs);
  if (signUp) policy.add(new interactionPolicy.Prompt({ name: 'create', requestable: true }), 0);
  return policy;
}

/**
 * What discovery says of the pages that people see.
 * @source OpenID Connect Discovery 1.0, section 3; Initiating User Registration via OpenID Connect 1.0, section 4
 */
export const pageDiscovery = (signUp: boolean, languages: readonly string[] = []) => ({
  prompt_values_supported: ['none', 'login', 'consent', ...(signUp ? ['create'] : [])],
  ui_locales_supported: [...languages],
});
