/**
 * Client-Initiated Backchannel Authentication (OpenID Connect CIBA Core 1.0), poll and ping, as the
 * engine is told of it: a client names a person, the person is told, and decides elsewhere
 * (`approvals.ts`). How they are told is the server's choice: a `Notify`.
 */
import {
  type AdapterFactory,
  type Configuration,
  errors,
  type KoaContextWithOIDC,
  type Provider,
} from 'oidc-provider';
import type { Accounts } from '../accounts/accounts.ts';
import { deliveryModes, line } from '../clients/values.ts';
import type { Guard } from '../lib/limit.ts';
import { type AcrTable, chooseAcr } from './acr.ts';
import { approvedBy } from './approvals.ts';
import { afterwards } from './around.ts';
import { limitPolls } from './polls.ts';

/** What a person is to be told: who waits for their decision, and for how long. */
export interface ApprovalNotice {
  /** Names the request to `Approvals`. Whoever has it has the client's `auth_req_id`: keep it secret. */
  id: string;
  accountId: string;
  clientId: string;
  /** Seconds until the request expires. */
  expiresIn: number;
}

/**
 * Tells a person that a client waits for their approval. It must not wait for them; what it throws
 * the client is answered as a failure of the server.
 */
export type Notify = (ctx: KoaContextWithOIDC, notice: ApprovalNotice) => Promise<void>;

export interface CibaLimits {
  /** What a person is asked for. */
  approval: Guard<{ clientId: string; account: string }>;
  poll: Guard<{ code: string }>;
}

export const cibaRoutes = { backchannel_authentication: '/backchannel' } as const;

/**
 * A line that a person can compare with what another screen shows: letters, digits, punctuation and
 * symbols of any script, no marks to pile up and nothing that is not seen.
 * @source OpenID Connect CIBA Core 1.0, section 7.1
 */
const bindingMessage = line(64).regex(/^[\p{L}\p{N}\p{P}\p{S} ]+$/u);

/** @source OpenID Connect CIBA Core 1.0, section 13 */
function tooManyApprovals(ctx: KoaContextWithOIDC, wait: number): Error {
  ctx.set('Retry-After', String(wait));
  return Object.assign(new errors.OIDCProviderError(403, 'access_denied'), {
    error_description: `this person was asked too often, try again in ${wait} seconds`,
  });
}

type Ciba = NonNullable<NonNullable<Configuration['features']>['ciba']>;

/** `features.ciba` of the engine's configuration. `notify` and `limits`: absent where no requests are answered. */
export function ciba(parts: {
  accounts: Accounts;
  acrs: AcrTable;
  notify: Notify | undefined;
  limits: CibaLimits | undefined;
}): Ciba {
  const { accounts, acrs, notify, limits } = parts;
  return {
    enabled: true,
    deliveryModes,
    // An address, or an account's id: the `sub` of its ID tokens.
    processLoginHint: async (_ctx, hint = '') =>
      hint.includes('@') ? accounts.idOf(hint) : (await accounts.find(hint)) && hint,
    processLoginHintToken() {
      throw new errors.InvalidRequest('login_hint_token is not offered, send login_hint instead');
    },
    /** The last step before a request is kept, and the first that knows whose approval it is for. */
    async verifyUserCode(ctx, account, userCode) {
      if (userCode !== undefined) {
        throw new errors.InvalidRequest('user_code is not offered, leave it out');
      }
      if (!chooseAcr(acrs, approvedBy, ctx.oidc.claims.id_token).met) {
        throw new errors.InvalidRequest('no approval here satisfies the acr that is essential');
      }
      const who = { clientId: String(ctx.oidc.client?.clientId), account: account.accountId };
      const wait = limits?.approval.wait(who) ?? 0;
      if (wait > 0) throw tooManyApprovals(ctx, wait);
      await limits?.approval.hit(who);
    },
    validateBindingMessage(_ctx, message) {
      if (message === undefined || bindingMessage.safeParse(message).success) return;
      throw new errors.InvalidBindingMessage(
        'binding_message must be 1 to 64 letters, digits, spaces, punctuation marks or symbols',
      );
    },
    // Nothing here decides by it, so it is ignored as any parameter that is not known.
    validateRequestContext() {},
    async triggerAuthenticationDevice(ctx, request, account, client) {
      await notify?.(ctx, {
        id: request.jti,
        accountId: account.accountId,
        clientId: client.clientId,
        expiresIn: request.expiration,
      });
    },
  };
}

/** Back-channel requests as they are kept, with a limit on polls for what a person is to decide. */
export const limitCibaPolls =
  (factory: AdapterFactory, limits: CibaLimits): AdapterFactory =>
  (name) =>
    name === 'BackchannelAuthenticationRequest'
      ? limitPolls(factory(name), limits.poll, (found) => !found.grantId && !found.error)
      : factory(name);

/** Seconds between two polls; what a client takes for granted that is told nothing (section 7.3). */
const INTERVAL = 5;

/** What the engine answers, made whole; by the name of its route. */
const amendments: Readonly<Record<string, (ctx: KoaContextWithOIDC, body: object) => object>> = {
  // The engine has this switch on for everyone.
  discovery: () => ({ backchannel_user_code_parameter_supported: false }),
  backchannel_authentication: (_ctx, body) => ('error' in body ? {} : { interval: INTERVAL }),
};

/** What of CIBA is no part of the engine's configuration. */
export function addCiba(provider: Provider): void {
  afterwards(provider, ['/.well-known/', cibaRoutes.backchannel_authentication], (ctx) => {
    const amend = amendments[ctx.oidc?.route ?? ''];
    if (amend) Object.assign(ctx.body as object, amend(ctx, ctx.body as object));
  });
}
