import { type Adapter, type AdapterPayload, errors, Provider } from 'oidc-provider';
import type { Guard } from '../lib/limit.ts';

/** Seconds that what has expired can still be told from what never was (RFC 8628, section 3.5). */
const KEPT = 300;

/**
 * What clients poll for, with a limit by its id on polls for what waits for a person. What has been
 * decided is answered at once: to slow down is an answer for requests that are pending.
 * @param waits whether a person is still to decide
 * @source RFC 8628, section 3.5; OpenID Connect CIBA Core 1.0, section 11
 */
export const limitPolls = (
  adapter: Adapter,
  poll: Guard<{ code: string }>,
  waits: (found: AdapterPayload) => boolean,
): Adapter => ({
  ...adapter,

  upsert: (id, payload, ttl) => adapter.upsert(id, payload, Number(ttl) + KEPT),

  async find(id) {
    const oidc = Provider.ctx?.oidc;
    if (oidc?.route !== 'token') return adapter.find(id);
    const who = { code: id };
    const early = poll.wait(who) > 0;
    const end = early ? undefined : poll.begin(who);
    try {
      const found = await adapter.find(id);
      // Who was pinged asks at once, and whoever asks is told what has been decided.
      if (!found || found.clientId !== oidc.client?.clientId || !waits(found)) return found;
      if (early) throw new errors.SlowDown();
      await poll.hit(who);
      return found;
    } finally {
      end?.();
    }
  },
});
