import { errors, type Grant, type Provider } from 'oidc-provider';
import type { Consents } from '../accounts/consents.ts';
import type { Resources } from '../clients/resources.ts';
import type { Log } from '../lib/log.ts';
import { epoch } from '../lib/time.ts';
import { type AcrTable, chooseAcr } from './acr.ts';
import type { ExtraProperties } from './client.ts';
import { decide, decideClaim, decisionsOf } from './consent.ts';
import {
  type Choice,
  isRequired,
  type Offer,
  type OpenInteraction,
  requestedFinder,
} from './interactions.ts';
import { requestedClaims, standingAlone } from './requested-claims.ts';
import { findDetails, grantDetails } from './requested-details.ts';

/** How people are known who approve (RFC 8176): the page asks for the password. */
export const approvedBy: readonly string[] = ['pwd'];

/** A back-channel request that waits for a person, as the page needs to know it. */
export interface OpenApproval extends Pick<OpenInteraction, 'scopes' | 'claims' | 'details'> {
  accountId: string;
  clientId: string;
  /** Whether the person chooses among what is asked for, as on the consent page. */
  chooses: boolean;
  /** What the other screen shows, so that the person can compare. */
  bindingMessage?: string;
}

/**
 * Back-channel requests (CIBA), by the id of their notice. Whoever calls `allow` has seen the
 * person's password, and makes sure that one call of `allow` or `deny` is all there is for a request.
 */
export interface Approvals {
  /** Undefined when it has expired or been decided, or its client is none any more. */
  find(id: string): Promise<OpenApproval | undefined>;
  /** False when there is nothing to decide. */
  allow(id: string, isGranted: Choice): Promise<boolean>;
  deny(id: string): Promise<boolean>;
}

export function createApprovals(parts: {
  provider: Provider;
  resources: Resources;
  consents: Consents;
  offer: Offer;
  acrs: AcrTable;
  log: Log;
}): Approvals {
  const { provider, consents, offer, acrs, log } = parts;
  const findScopes = requestedFinder(parts.resources, offer.scopes);

  async function load(id: string) {
    const request = await provider.BackchannelAuthenticationRequest.find(id);
    if (!request || request.grantId || request.error) return undefined;
    const clientId = String(request.clientId);
    const client = (await provider.Client.find(clientId)) as ExtraProperties | undefined;
    if (!client) return undefined;
    const { params = {}, accountId = '' } = request;
    const names = String(params.scope).split(' ');
    const asked = requestedClaims(params.claims, offer.claims);
    return {
      request,
      client,
      clientId,
      accountId,
      params,
      scopes: await findScopes(params, clientId),
      claims: standingAlone(asked, names, offer.claims),
      details: await findDetails(parts.resources, params),
    };
  }

  /** Keeps the answer and pings the client, whose failure to listen is not the person's: it can poll. */
  async function answer(
    id: string,
    result: Parameters<Provider['backchannelResult']>[1],
    more: { acr?: string | undefined; rar?: Grant['rar'] } = {},
  ) {
    const how = { ...more, amr: [...approvedBy], authTime: epoch() };
    await provider.backchannelResult(id, result, how).catch(async (error) => {
      const kept = await provider.BackchannelAuthenticationRequest.find(id);
      if (!kept?.grantId && !kept?.error) throw error;
      log.warn({ err: error, client_id: kept.clientId }, 'backchannel_ping.error');
    });
  }

  return {
    async find(id) {
      const open = await load(id);
      if (!open) return undefined;
      const { client, clientId, accountId, params, scopes, claims, details } = open;
      const earlier = (await consents.find(accountId, clientId))?.decisions ?? [];
      const known = <T extends object>(
        about: T,
        is: (one: (typeof earlier)[number]) => boolean,
      ) => {
        const decision = earlier.find(is);
        return decision ? { ...about, granted: decision.granted } : about;
      };
      return {
        accountId,
        clientId,
        chooses: !client.first_party,
        details,
        scopes: scopes.map((about) =>
          known(
            about,
            (one) => 'scope' in one && one.scope === about.scope && one.resource === about.resource,
          ),
        ),
        claims: claims.map((about) =>
          known(about, (one) => 'claim' in one && one.claim === about.claim),
        ),
        ...(typeof params.binding_message === 'string' && {
          bindingMessage: params.binding_message,
        }),
      };
    },

    async allow(id, isGranted) {
      const open = await load(id);
      if (!open) return false;
      const { request, client, clientId, accountId, scopes, claims, details } = open;
      const ours = client.first_party;
      const chosen = decisionsOf(scopes, (one) => ours || isRequired(one) || isGranted.scope(one));
      const told = claims.map(({ claim }) => ({ claim, granted: ours || isGranted.claim(claim) }));
      const grant = new provider.Grant({ accountId, clientId });
      for (const one of chosen) decide(grant, one, one.granted);
      for (const { claim, granted } of told) decideClaim(grant, claim, granted);
      const rar = details.map(({ detail }) => detail);
      grantDetails(grant, rar);
      await grant.save();
      if (!ours) await consents.remember(accountId, clientId, [...chosen, ...told], details);
      const { acr } = chooseAcr(acrs, approvedBy, request.claims?.id_token);
      await answer(id, grant, { acr, ...(rar.length > 0 && { rar }) });
      log.info({ client_id: clientId, account: accountId }, 'approval.allowed');
      return true;
    },

    async deny(id) {
      const open = await load(id);
      if (!open) return false;
      await answer(id, new errors.AccessDenied('the person declined'));
      log.info({ client_id: open.clientId, account: open.accountId }, 'approval.denied');
      return true;
    },
  };
}
