import { randomUUID } from 'node:crypto';
import type { Part } from '../lib/by-path.ts';
import type { Log } from '../lib/log.ts';

const HEADER = 'X-FAPI-Interaction-ID';
const uuid = /^[\da-f]{8}-[\da-f]{4}-[1-8][\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/i;

/** Where access tokens are taken: this server's own protected resources. */
const isResource = (path: string): boolean =>
  path === '/userinfo' || path === '/api/v1' || path.startsWith('/api/v1/');

/**
 * The id by which a client and a protected resource speak of one exchange: the client's own if it is
 * a UUID, which the log then holds beside the correlation id, else one that is made here.
 * @source FAPI 1.0 Part 1 Baseline (Final), 6.2.1-11 and 6.2.1-12
 */
export const fapiInteractionId = (log: Log): Part => ({
  isFor: isResource,
  middleware(ctx, next) {
    const sent = ctx.get(HEADER);
    const known = uuid.test(sent);
    ctx.res.setHeader(HEADER, known ? sent : randomUUID());
    if (known) {
      const { path, state } = ctx;
      log.info({ id: state.id, path, fapi_interaction_id: sent }, 'resource request');
    }
    return next();
  },
});
