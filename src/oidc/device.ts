/**
 * The device authorization grant (RFC 8628), as the engine is told of it. A person types the code
 * that their device shows, or follows the device's link; either way they see the code, who asks and
 * for what, and say that it is theirs, before anything else happens (sections 3.3 and 5.4).
 */
import type { Middleware } from 'koa';
import { type Configuration, errors, type KoaContextWithOIDC, type Provider } from 'oidc-provider';
import { around } from './around.ts';
import type { Requested } from './consent.ts';
import type { FindRequested } from './interactions.ts';

/** Why a code is not taken. */
export type DeviceProblem =
  | 'missing'
  | 'unknown'
  | 'expired'
  | 'used'
  | 'form_expired'
  | 'too_many_attempts';

/** A form that posts `xsrf` and `user_code`. */
interface CodeForm {
  action: string;
  xsrf: string;
  /** What was typed; to confirm it, as the device shows it. */
  userCode?: string | undefined;
}

/** Whence the device asked: what it told of itself, and nobody has checked. */
export interface DeviceOrigin {
  ip: string;
  agent: string;
}

/** The pages of the flow; the web folder draws them. */
export interface DevicePages {
  /** @param retryAfter seconds, with `too_many_attempts` */
  enterCode(
    ctx: KoaContextWithOIDC,
    form: CodeForm & { problem?: DeviceProblem; retryAfter?: number | undefined },
  ): Promise<void>;
  /** Posts `confirm` or `abort` beside the form's own. */
  confirmCode(
    ctx: KoaContextWithOIDC,
    form: CodeForm & { clientId: string; scopes: Requested[]; origin: DeviceOrigin },
  ): Promise<void>;
  codeTaken(ctx: KoaContextWithOIDC): Promise<void>;
  codeDeclined(ctx: KoaContextWithOIDC, clientId: string | undefined): Promise<void>;
  error(ctx: KoaContextWithOIDC, out: { error: string }, error: Error): Promise<void>;
}

/** Seconds between two polls; what a client takes for granted that is told nothing (section 3.2). */
const INTERVAL = 5;
export const deviceRoutes = {
  code_verification: '/device',
  device_authorization: '/device/authorize',
} as const;

/** Where the picture of a code is; the web folder draws it. */
export const deviceQrPath = '/device/qr';

/** What the engine's errors are to a person; any other one is a page of its own. */
const problems: Readonly<Record<string, DeviceProblem>> = {
  NoCodeError: 'missing',
  NotFoundError: 'unknown',
  ExpiredError: 'expired',
  AlreadyUsedError: 'used',
  InvalidRequest: 'form_expired',
  SessionNotFound: 'form_expired',
  TooManyCodesError: 'too_many_attempts',
};

/** As the engine compares user codes (section 6.1). */
const normalize = (typed: string) => typed.toUpperCase().replace(/\W/g, '');
const dashed = (code: string) => `${code.slice(0, 4)}-${code.slice(4)}`;

/** What may be a user code, as devices show it; undefined for anything else. */
export function shownUserCode(typed: unknown): string | undefined {
  const code = normalize(String(typed));
  return /^[BCDFGHJKLMNPQRSTVWXZ]{8}$/.test(code) ? dashed(code) : undefined;
}

const formOf = ({ oidc }: KoaContextWithOIDC): CodeForm => ({
  action: new URL(oidc.urlFor('code_verification')).pathname,
  xsrf: String(oidc.session?.state?.secret),
});

type DeviceCode = Awaited<ReturnType<Provider['DeviceCode']['findByUserCode']>>;

const problemOf = (code: DeviceCode): DeviceProblem | undefined => {
  if (!code) return 'unknown';
  if (code.isExpired) return 'expired';
  return code.error || code.accountId || code.inFlight ? 'used' : undefined;
};

type DeviceFlow = NonNullable<NonNullable<Configuration['features']>['deviceFlow']>;

/** `features.deviceFlow` of the engine's configuration. @param find what of a request a client may have */
export function deviceFlow(pages: DevicePages, find: FindRequested): DeviceFlow {
  async function confirm(ctx: KoaContextWithOIDC, code: NonNullable<DeviceCode>): Promise<void> {
    const clientId = String(code.clientId);
    await pages.confirmCode(ctx, {
      ...formOf(ctx),
      userCode: dashed(code.userCode),
      clientId,
      scopes: await find(code.params ?? {}, clientId),
      origin: code.deviceInfo as unknown as DeviceOrigin,
    });
  }

  async function refuse(
    ctx: KoaContextWithOIDC,
    out: { error: string },
    error: Error & { retryAfter?: number },
  ): Promise<void> {
    const { DeviceCode: code, Interaction: interaction } = ctx.oidc.entities;
    if (error.name === 'AbortedError') {
      const clientId = code?.clientId ?? interaction?.params.client_id;
      return pages.codeDeclined(ctx, clientId === undefined ? undefined : String(clientId));
    }
    const problem = problems[error.name];
    if (!problem) return pages.error(ctx, out, error);
    if (ctx.oidc.session?.exp === undefined) return beginAnew(ctx);
    const typed = ctx.oidc.params?.user_code ?? ctx.state.userCode;
    const userCode = typeof typed === 'string' ? typed : undefined;
    return pages.enterCode(ctx, {
      ...formOf(ctx),
      userCode,
      problem,
      retryAfter: error.retryAfter,
    });
  }

  /**
   * A browser without a session, or a form on another site, which sends none: a form drawn now could
   * never be posted, so there is a fresh one. The engine would try to save what it never began.
   */
  async function beginAnew(ctx: KoaContextWithOIDC): Promise<void> {
    await ctx.oidc.session?.destroy();
    ctx.redirect(ctx.oidc.urlFor('code_verification'));
    ctx.status = 303;
  }

  return {
    enabled: true,
    charset: 'base-20',
    mask: '****-****',
    deviceInfo: (ctx): Record<string, unknown> =>
      ({ ip: ctx.ip, agent: ctx.get('user-agent').slice(0, 256) }) satisfies DeviceOrigin,
    async userCodeInputSource(ctx, _form, out, error) {
      if (error) return refuse(ctx, out as { error: string }, error);
      const userCode: string | undefined = ctx.state.userCode;
      if (userCode === undefined) return pages.enterCode(ctx, formOf(ctx));
      const { Client, DeviceCode } = ctx.oidc.provider as Provider;
      const code = await DeviceCode.findByUserCode(normalize(userCode), {
        ignoreExpiration: true,
      });
      const problem = problemOf(code);
      if (!code || problem) {
        return pages.enterCode(ctx, { ...formOf(ctx), userCode, problem: problem ?? 'unknown' });
      }
      // As the engine does for a code that is typed in: its client may have gone meanwhile.
      if (!(await Client.find(String(code.clientId))))
        throw new errors.InvalidClient('client is invalid', 'client not found');
      return confirm(ctx, code);
    },
    userCodeConfirmSource: (ctx) => confirm(ctx, ctx.oidc.entities.DeviceCode as never),
    successSource: (ctx) => pages.codeTaken(ctx),
  };
}

/**
 * Takes the code out of a `verification_uri_complete`, so that the page to confirm it is the first
 * that a person sees: the engine itself would post the code back from a page with a script.
 */
const takeUserCode: Middleware = (ctx, next) => {
  if (ctx.path === deviceRoutes.code_verification && ctx.query.user_code !== undefined) {
    const { user_code, ...query } = ctx.query;
    ctx.state.userCode = [user_code].flat()[0] || undefined;
    ctx.query = query;
  }
  return next();
};

/** What of the device flow is no part of the engine's configuration. */
export function addDeviceFlow(provider: Provider): void {
  around(provider, [deviceRoutes.code_verification], takeUserCode);
  provider.on('device_authorization.success', (_ctx, body) => {
    const { user_code } = body as { user_code: string };
    Object.assign(body, {
      interval: INTERVAL,
      verification_uri_qr: `${provider.issuer}${deviceQrPath}?user_code=${user_code}`,
    });
  });
}
