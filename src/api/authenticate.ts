import type { Context } from 'koa';
import { Problem } from '../lib/problem.ts';
import { proofAlgs } from '../oidc/dpop.ts';
import { resourceMetadataUri } from '../oidc/resource-metadata.ts';
import type { Caller, Checked, Presented, Refusal } from '../oidc/tokens.ts';

/** A challenge (RFC 9110, section 11.6.1). What it says is ours: no quote stands in it. */
const challenge = (scheme: string, parameters: Readonly<Record<string, string | undefined>>) => {
  const said = Object.entries(parameters).filter(([, value]) => value !== undefined);
  return `${scheme} ${said.map(([name, value]) => `${name}="${value}"`).join(', ')}`;
};

/**
 * Who calls: by an access token as RFC 6750 or, with a proof of possession, as RFC 9449, section 7
 * says. What is refused is answered with a challenge for the scheme that was tried, or both.
 * @param api the resource that tokens must be for
 */
export function authenticator(
  api: string,
  checkToken: (presented: Presented) => Promise<Checked>,
): (ctx: Context) => Promise<Caller> {
  const algs = proofAlgs.join(' ');
  const refused = (...challenges: string[]) =>
    new Problem('unauthenticated', `Send an access token for the resource ${api}.`, {
      headers: { 'WWW-Authenticate': challenges.join(', ') },
    });
  // RFC 9728, section 5.1
  const resource_metadata = resourceMetadataUri(api);
  const bearer = (error?: string) => challenge('Bearer', { realm: api, error, resource_metadata });
  const dpop = ({ error, description }: Partial<Refusal> = {}) =>
    challenge('DPoP', {
      realm: api,
      error,
      error_description: description,
      algs,
      resource_metadata,
    });

  return async (ctx) => {
    const authorization = ctx.get('authorization');
    if (!authorization) throw refused(bearer(), dpop());
    const [, name = '', token] = /^(Bearer|DPoP) ([A-Za-z0-9._~+/=-]+)$/i.exec(authorization) ?? [];
    if (token === undefined) throw refused(bearer('invalid_token'), dpop());
    const scheme = name.toLowerCase() === 'dpop' ? 'dpop' : 'bearer';
    const { method, href: uri, req: request } = ctx;
    const checked = await checkToken({
      token,
      scheme,
      proof: ctx.get('dpop'),
      method,
      uri,
      request,
    });
    if (checked.nonce !== undefined) ctx.set('DPoP-Nonce', checked.nonce);
    if ('caller' in checked) return checked.caller;
    throw scheme === 'dpop'
      ? refused(dpop(checked.refusal))
      : refused(bearer('invalid_token'), dpop());
  };
}
