import type { IncomingMessage, ServerResponse } from 'node:http';
import { errors, type InteractionResults, type Provider } from 'oidc-provider';
import type { Consents } from '../accounts/consents.ts';
import { allowedScopes } from '../clients/resource.ts';
import type { Resources } from '../clients/resources.ts';
import { decide, decideClaim, decisionsOf, type Requested } from './consent.ts';
import {
  type ClaimsOfScopes,
  type RequestedClaim,
  requestedClaims,
  standingAlone,
} from './requested-claims.ts';
import { findDetails, grantDetails, type RequestedDetail } from './requested-details.ts';

/** An authorization request that waits for a person, as the pages need to know it. */
export interface OpenInteraction {
  uid: string;
  prompt: string;
  clientId: string;
  /** The signed-in account, when there is one. */
  accountId?: string;
  redirectUri?: string;
  loginHint?: string;
  uiLocales?: string;
  /** What is asked for; `granted` tells an earlier decision. */
  scopes: (Requested & { granted?: boolean })[];
  /** What is asked for individually; claims of a scope that is asked for too go with the scope. */
  claims: (RequestedClaim & { granted?: boolean })[];
  /** What is asked for beyond scopes: all of it is granted, or the request is refused. */
  details: RequestedDetail[];
}

/** What the person chose. */
export interface Choice {
  scope(one: Requested): boolean;
  claim(name: string): boolean;
}

/** What the server has to give. */
export interface Offer {
  scopes: ReadonlySet<string>;
  claims: ClaimsOfScopes;
}

/** Whose request it is; told to anybody who knows the interaction's id, so it is no more than that. */
export interface Origin {
  clientId: string;
  loginHint?: string;
  uiLocales?: string;
}

/** What pages may do with an authorization request; every end answers the address to go on to. */
export interface Interactions {
  /** @throws when there is none, it has expired, or it was begun in another browser */
  find(req: IncomingMessage, res: ServerResponse, uid: string): Promise<OpenInteraction>;
  /** Where somebody comes from who is not at the interaction's own address, and has not its cookie. */
  origin(uid: string): Promise<Origin | undefined>;
  login(
    req: IncomingMessage,
    res: ServerResponse,
    accountId: string,
    remember: boolean,
  ): Promise<string>;
  consent(req: IncomingMessage, res: ServerResponse, isGranted: Choice): Promise<string>;
  abort(req: IncomingMessage, res: ServerResponse): Promise<string>;
}

const words = (value: unknown): string[] =>
  typeof value === 'string' && value ? value.split(' ') : [];
const texts = (value: unknown): string[] =>
  [value].flat().filter((item): item is string => typeof item === 'string');

const optional = (name: string, value: unknown) =>
  typeof value === 'string' ? { [name]: value } : {};

/** What nobody may untick: without it there is no sign-in at all. */
export const isRequired = ({ resource, scope }: Requested): boolean =>
  resource === undefined && scope === 'openid';

/** What a stored request asks for and its client may be given. */
export type FindRequested = (
  params: Record<string, unknown>,
  clientId: string,
) => Promise<Requested[]>;

/** @param serverScopes the scopes of the server itself */
export const requestedFinder =
  (resources: Resources, serverScopes: ReadonlySet<string>): FindRequested =>
  async (params, clientId) => {
    const asked = words(params.scope);
    const ofResources = await Promise.all(
      texts(params.resource).map(async (resource) => {
        const found = await resources.find(resource);
        const allowed = (found && allowedScopes(found, clientId)) ?? [];
        return asked
          .filter((scope) => allowed.includes(scope))
          .map((scope) => ({ resource, scope }));
      }),
    );
    return [
      ...asked.filter((scope) => serverScopes.has(scope)).map((scope) => ({ scope })),
      ...ofResources.flat(),
    ];
  };

export function createInteractions(
  provider: Provider,
  resources: Resources,
  consents: Consents,
  offer: Offer,
): Interactions {
  const requested = requestedFinder(resources, offer.scopes);

  const finish = (
    req: IncomingMessage,
    res: ServerResponse,
    result: InteractionResults,
    merge: boolean,
  ) => provider.interactionResult(req, res, result, { mergeWithLastSubmission: merge });

  async function load(req: IncomingMessage, res: ServerResponse) {
    const interaction = await provider.interactionDetails(req, res);
    const clientId = String(interaction.params.client_id);
    const grant = interaction.grantId ? await provider.Grant.find(interaction.grantId) : undefined;
    const { params } = interaction;
    const scopes = await requested(params, clientId);
    const asked = requestedClaims(params.claims, offer.claims);
    const claims = standingAlone(asked, words(params.scope), offer.claims);
    const details = await findDetails(resources, params);
    return { interaction, clientId, grant, scopes, claims, details };
  }

  return {
    async origin(uid) {
      const interaction = await provider.Interaction.find(uid);
      return (
        interaction && {
          clientId: String(interaction.params.client_id),
          ...optional('loginHint', interaction.params.login_hint),
          ...optional('uiLocales', interaction.params.ui_locales),
        }
      );
    },
    async find(req, res, uid) {
      const { interaction, clientId, grant, scopes, claims, details } = await load(req, res);
      if (interaction.uid !== uid)
        throw new errors.SessionNotFound('the cookie is of another interaction');
      const { params, prompt, session } = interaction;
      const decision = ({ resource, scope }: Requested): boolean | undefined => {
        const of = (granted: string | undefined, rejected: string | undefined) =>
          words(granted).includes(scope)
            ? true
            : words(rejected).includes(scope)
              ? false
              : undefined;
        return resource === undefined
          ? of(grant?.getOIDCScope(), grant?.getRejectedOIDCScope())
          : of(grant?.getResourceScope(resource), grant?.getRejectedResourceScope(resource));
      };
      return {
        uid,
        prompt: prompt.name,
        clientId,
        ...optional('accountId', session?.accountId),
        ...optional('redirectUri', params.redirect_uri),
        ...optional('loginHint', params.login_hint),
        ...optional('uiLocales', params.ui_locales),
        scopes: scopes.map((scope) => {
          const granted = decision(scope);
          return granted === undefined ? scope : { ...scope, granted };
        }),
        claims: claims.map((one) => ({
          ...one,
          ...(grant?.getOIDCClaims().includes(one.claim) && { granted: true }),
          ...(grant?.getRejectedOIDCClaims().includes(one.claim) && { granted: false }),
        })),
        details,
      };
    },

    login: (req, res, accountId, remember) =>
      // Who signs in has an account: that answers prompt=create as well.
      finish(req, res, { login: { accountId, remember, amr: ['pwd'] }, create: {} }, false),

    async consent(req, res, isGranted) {
      const { interaction, clientId, grant: existing, ...asked } = await load(req, res);
      const { scopes, claims, details } = asked;
      const accountId = interaction.session?.accountId;
      if (!accountId) throw new errors.SessionNotFound('nobody is signed in');
      const grant = existing ?? new provider.Grant({ accountId, clientId });
      const chosen = decisionsOf(scopes, (one) => isRequired(one) || isGranted.scope(one));
      const alone = claims.map(({ claim }) => ({ claim, granted: isGranted.claim(claim) }));
      for (const one of chosen) decide(grant, one, one.granted, offer.claims);
      for (const { claim, granted } of alone) decideClaim(grant, claim, granted);
      grantDetails(
        grant,
        details.map(({ detail }) => detail),
      );
      const grantId = await grant.save();
      await consents.remember(accountId, clientId, [...chosen, ...alone], details);
      return finish(req, res, { consent: { grantId } }, true);
    },

    abort: (req, res) =>
      finish(req, res, { error: 'access_denied', error_description: 'the person declined' }, false),
  };
}
