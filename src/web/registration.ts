import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import compose from 'koa-compose';
import { BODY_LIMIT, readBody, TooLargeError } from '../lib/body.ts';
import { type Part, under } from '../lib/by-path.ts';
import { DEPTH_LIMIT, nestsDeeper } from '../lib/json-depth.ts';
import type { Guard } from '../lib/limit.ts';
import type { Log } from '../lib/log.ts';
import { RegistrationError } from '../registration/errors.ts';
import type { Presented, Registration } from '../registration/registration.ts';
import { UnavailableError } from '../store/store.ts';

const PATH = '/register';

const refuse = (description: string, status = 400, headers: Record<string, string> = {}) =>
  new RegistrationError('invalid_request', description, { status, headers });

/** RFC 6750, section 2.1. @throws {RegistrationError} when there is something else than one bearer token */
function presented(ctx: Context): Presented {
  const request = ctx.state.id as string | undefined;
  const authorization = ctx.get('authorization');
  if (!authorization) return { request };
  const [, token] = /^Bearer ([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization) ?? [];
  if (token === undefined) throw refuse('Authorization must be "Bearer", one space and the token');
  return { token, request };
}

async function readJson(ctx: Context): Promise<Record<string, unknown>> {
  if (!ctx.is('application/json')) throw refuse('send the metadata as application/json', 415);
  const text = await readBody(ctx.req, BODY_LIMIT);
  if (nestsDeeper(text, DEPTH_LIMIT)) {
    throw refuse(`the body nests more than ${DEPTH_LIMIT} levels deep`);
  }
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw refuse('the body is not JSON');
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw refuse('the body must be a JSON object');
  }
  return body as Record<string, unknown>;
}

/** What an error says to whoever registers; undefined for what is not theirs to know. */
function shownAs(error: unknown): RegistrationError | undefined {
  if (error instanceof RegistrationError) return error;
  if (error instanceof TooLargeError) return refuse(`the body is larger than ${BODY_LIMIT}`, 413);
  if (error instanceof UnavailableError) {
    return new RegistrationError('temporarily_unavailable', 'try again in a moment', {
      headers: { 'Retry-After': '2' },
    });
  }
  return undefined;
}

/**
 * `POST /register` (RFC 7591) and `/register/{client_id}` (RFC 7592), JSON alone. No browser is let
 * in from elsewhere: tokens of these endpoints are for servers and for people's own tools.
 */
export function registrationEndpoint(
  registration: Registration,
  limit: Guard<{ ip: string }>,
  log: Log,
): Part[] {
  if (!registration.isOpen) return [];
  const router = new Router();

  /** Counts a write before anything is looked at. */
  async function count({ ip }: Context): Promise<void> {
    const wait = limit.wait({ ip });
    if (wait > 0) {
      throw new RegistrationError('temporarily_unavailable', `try again in ${wait} seconds`, {
        status: 429,
        headers: { 'Retry-After': String(wait) },
      });
    }
    await limit.hit({ ip });
  }

  router.post(PATH, async (ctx) => {
    await count(ctx);
    const who = presented(ctx);
    ctx.body = await registration.register(await readJson(ctx), who);
    ctx.status = 201;
  });
  router.get(`${PATH}/:client_id`, async (ctx) => {
    ctx.body = await registration.read(ctx.params.client_id as string, presented(ctx));
  });
  router.put(`${PATH}/:client_id`, async (ctx) => {
    await count(ctx);
    const who = presented(ctx);
    const body = await readJson(ctx);
    ctx.body = await registration.update(ctx.params.client_id as string, body, who);
  });
  router.delete(`${PATH}/:client_id`, async (ctx) => {
    await registration.remove(ctx.params.client_id as string, presented(ctx));
    ctx.status = 204;
  });

  const answer = compose([
    router.routes() as unknown as Middleware,
    router.allowedMethods() as unknown as Middleware,
  ]);
  const endpoint: Middleware = async (ctx, next) => {
    try {
      await answer(ctx, next);
    } catch (error) {
      const shown = shownAs(error);
      if (!shown) throw error;
      const detail = shown.cause instanceof Error ? shown.cause.message : undefined;
      log.info(
        { id: ctx.state.id, error: shown.error, description: shown.message, detail },
        'registration.error',
      );
      ctx.set(shown.headers);
      ctx.status = shown.status;
      ctx.body = shown.toBody();
    } finally {
      ctx.set('Cache-Control', 'no-store');
    }
  };
  return [under([PATH], endpoint)];
}
