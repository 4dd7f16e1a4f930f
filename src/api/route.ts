/**
 * The REST API for administrators. A route is declared once: from the declaration come the guard
 * (scope, parameters, body, response) and its part of the OpenAPI document, so neither can say what
 * the other does not. Responses are checked too: what a schema does not name does not get out.
 */
import type Router from '@koa/router';
import type { RouterContext } from '@koa/router';
import { z } from 'zod';
import type { Actor } from '../audit/audit.ts';
import { BODY_LIMIT, readBody } from '../lib/body.ts';
import { DEPTH_LIMIT, nestsDeeper } from '../lib/json-depth.ts';
import { Problem, type ProblemCode } from '../lib/problem.ts';
import { schemaViolations } from '../lib/schema-violations.ts';
import type { Caller } from '../oidc/tokens.ts';

/** A schema under the name that the OpenAPI document knows it by. */
export interface Named {
  name: string;
  schema: z.ZodType;
  /** What the OpenAPI document shows, where a stored document may say less or more than a new one. */
  document?: z.ZodType;
}

export interface Call {
  params: Readonly<Record<string, string>>;
  query: Readonly<Record<string, unknown>>;
  /** Parsed JSON; what it must look like is the domain's to check, all mistakes at once. */
  body: unknown;
  /** The version in If-Match, when the caller sent one. */
  version?: number;
  caller: Caller;
  /** Who this is, for what is written down about changes. */
  actor: Actor;
}

export interface Reply {
  body?: unknown;
  /** Becomes the ETag. */
  version?: number;
  location?: string;
}

export interface Route {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** As OpenAPI writes it: `/clients/{client_id}`. */
  path: string;
  summary: string;
  tag: string;
  scope: string;
  query?: z.ZodObject;
  body?: Named;
  /** 202: what was asked for goes on after the answer. */
  status: 200 | 201 | 202 | 204;
  response?: Named;
  /** Problems that it answers beyond what its method, path and body lead to. */
  also?: readonly ProblemCode[];
  handle(call: Call): Promise<Reply>;
}

async function readJson(ctx: RouterContext): Promise<unknown> {
  if (!ctx.is('application/json', 'application/merge-patch+json')) {
    throw new Problem('unsupported_media_type', 'Send the body as application/json.');
  }
  const text = await readBody(ctx.req, BODY_LIMIT);
  if (nestsDeeper(text, DEPTH_LIMIT)) {
    throw new Problem('malformed', `The body nests more than ${DEPTH_LIMIT} levels deep.`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Problem('malformed', `The body is not JSON: ${(error as Error).message}`);
  }
}

function readQuery(ctx: RouterContext, schema: z.ZodObject | undefined): Record<string, unknown> {
  const parsed = (schema ?? z.strictObject({})).safeParse({ ...ctx.query });
  if (parsed.success) return parsed.data;
  const errors = schemaViolations(parsed.error.issues).map((found) => ({
    ...found,
    rule: 'query-parameter',
  }));
  throw new Problem('malformed', 'The query has mistakes; each is listed.', { errors });
}

/** `"3"` or `W/"3"`; `*` and absence ask for nothing (RFC 9110, section 13.1.1). */
function readIfMatch(ctx: RouterContext): { version?: number } {
  const header = ctx.get('if-match');
  if (!header || header === '*') return {};
  const match = /^(?:W\/)?"(\d{1,15})"$/.exec(header);
  if (!match) throw new Problem('precondition_failed', 'If-Match is not an ETag of this server.');
  return { version: Number(match[1]) };
}

const actorOf = ({ clientId, accountId }: Caller, request?: string): Actor => ({
  via: 'api',
  client_id: clientId,
  ...(accountId !== undefined && { account_id: accountId }),
  ...(request !== undefined && { request }),
});

/** The scheme that a token came with; both are refused in their own words. */
const schemeOf = (ctx: RouterContext) =>
  /^dpop /i.test(ctx.get('authorization')) ? 'DPoP' : 'Bearer';

/** @param authenticate who sent a request; throws a Problem */
export function mountRoutes(
  router: Router,
  routes: readonly Route[],
  authenticate: (ctx: RouterContext) => Promise<Caller>,
): void {
  for (const route of routes) {
    const path = `/api/v1${route.path.replaceAll(/\{(\w+)\}/g, ':$1')}`;
    router[route.method](path, async (ctx: RouterContext) => {
      const caller = await authenticate(ctx);
      if (!caller.scopes.has(route.scope)) {
        throw new Problem('forbidden', `The access token lacks the scope ${route.scope}.`, {
          headers: {
            'WWW-Authenticate': `${schemeOf(ctx)} error="insufficient_scope", scope="${route.scope}"`,
          },
        });
      }
      const reply = await route.handle({
        params: ctx.params as Record<string, string>,
        query: readQuery(ctx, route.query),
        body: route.body ? await readJson(ctx) : undefined,
        ...(route.method !== 'get' && readIfMatch(ctx)),
        caller,
        actor: actorOf(caller, ctx.state.id),
      });
      ctx.status = route.status;
      ctx.set('Cache-Control', 'no-store');
      if (reply.version !== undefined) ctx.set('ETag', `"${reply.version}"`);
      if (reply.location) ctx.set('Location', reply.location);
      if (route.response) ctx.body = route.response.schema.parse(reply.body);
    });
  }
}
