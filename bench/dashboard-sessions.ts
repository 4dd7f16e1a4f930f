/** People who are signed in, and what they have allowed, as the engine would have stored it. */
import type { AdapterPayload } from 'oidc-provider';
import type { Vault } from '../src/lib/seal.ts';
import { createAdapterFactory } from '../src/oidc/adapter.ts';
import type { Store } from '../src/store/store.ts';
import { clientIdOf } from './client-population.ts';

const DAY = 86_400;
/** Grants of the account that has allowed the most. */
const MANY = 50;

/**
 * One session and one grant for each account.
 * @param accountIdOf the account `n`; the eighth has given many grants
 */
export async function signIn(
  store: Store,
  vault: Vault,
  accountIdOf: (n: number) => string,
  count: number,
): Promise<void> {
  const adapterOf = createAdapterFactory(store, vault, async () => undefined);
  const [sessions, grants] = [adapterOf('Session'), adapterOf('Grant')];
  const now = Math.floor(Date.now() / 1000);
  const times = (n: number) => ({ iat: now - n, exp: now - n + 30 * DAY });

  async function one(n: number): Promise<void> {
    const owner = accountIdOf(n < MANY ? 7 : n);
    const grantId = `grant-${n}`;
    const authorizations = { [clientIdOf(n)]: { sid: `sid-${n}`, grantId } };
    const session = { accountId: owner, loginTs: now - n, authorizations, uid: `uid-${n}` };
    const grant = {
      accountId: owner,
      clientId: clientIdOf(n),
      openid: { scope: 'openid profile email' },
    };
    const kept = (kind: string, payload: object) =>
      ({ ...times(n), kind, ...payload }) as unknown as AdapterPayload;
    await sessions.upsert(`session-${n}`, kept('Session', session), 30 * DAY);
    await grants.upsert(grantId, kept('Grant', grant), 30 * DAY);
  }

  let next = 0;
  const lane = async () => {
    for (let n = next++; n < count; n = next++) await one(n);
  };
  await Promise.all(Array.from({ length: 64 }, lane));
}
