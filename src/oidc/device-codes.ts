import { type Adapter, type AdapterFactory, errors, Provider } from 'oidc-provider';
import type { Guard } from '../lib/limit.ts';
import { epoch } from '../lib/time.ts';
import { limitPolls } from './polls.ts';

export interface DeviceLimits {
  /** Wrong user codes. */
  device: Guard<{ ip: string; account?: string | undefined }>;
  /** Polls for what waits for a person. */
  poll: Guard<{ code: string }>;
}

/** Its name is what `device.ts` knows it by. */
class TooManyCodesError extends errors.OIDCProviderError {
  override name = 'TooManyCodesError';
  readonly retryAfter: number;
  constructor(retryAfter: number) {
    super(429, 'too_many_requests');
    this.error_description = `too many wrong user codes, try again in ${retryAfter} seconds`;
    this.retryAfter = retryAfter;
  }
}

/**
 * Device codes as they are kept, limited: wrong user codes by address and account (RFC 8628, section
 * 5.1), polls by device code (section 3.5). Here, every way to a code comes by. A code that is
 * redeemed pays for neither limit.
 */
export function limitDeviceCodes(factory: AdapterFactory, limits: DeviceLimits): AdapterFactory {
  const limited = (adapter: Adapter): Adapter => ({
    ...limitPolls(
      {
        ...adapter,
        // Who finds a code by what a person typed saves it again, for which its id is needed.
        upsert: (id, payload, ttl) => adapter.upsert(id, { ...payload, deviceCode: id }, ttl),
      },
      limits.poll,
      (found) => !found.accountId && !found.error,
    ),

    async findByUserCode(userCode) {
      const ctx = Provider.ctx;
      if (!ctx) throw new Error('user codes are looked up for somebody');
      const who = { ip: ctx.ip, account: ctx.oidc.session?.accountId };
      const wait = limits.device.wait(who);
      if (wait > 0) throw new TooManyCodesError(wait);
      const end = limits.device.begin(who);
      try {
        const found = await adapter.findByUserCode(userCode);
        if (!found || Number(found.exp) <= epoch()) await limits.device.hit(who);
        return found && { ...found, jti: String(found.deviceCode) };
      } finally {
        end();
      }
    },
  });

  return (name) => (name === 'DeviceCode' ? limited(factory(name)) : factory(name));
}
