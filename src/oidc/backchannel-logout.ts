import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { Log } from '../lib/log.ts';

/** A client that never took the logout that it registered for. */
export interface Untold {
  clientId: string;
  /** Who logged out. */
  accountId: string;
  /** The correlation id of the logout in the log. */
  request?: string | undefined;
}

export interface BackchannelOptions {
  /** Seconds before each further attempt; empty: there is one attempt. */
  delays: readonly number[];
  /** Told once of each client that could not be told. */
  untold(untold: Untold): Promise<void>;
  log: Log;
}

export interface BackchannelLogouts {
  /** Gives up what still waits, and tells of it. */
  close(): Promise<void>;
}

/** The engine's client as it is called by the engine itself; its types leave this method out. */
interface Receiver {
  backchannelLogoutUri?: string;
  /** @throws when the receiver does not answer 200 or 204 within 2.5 seconds */
  backchannelLogout(sub: string, sid: string): Promise<void>;
}

/** Logouts that wait at most; with more, somebody's receiver is down and the rest is told at once. */
const LIMIT = 10_000;

/**
 * The engine tells every client of a session once, before the person goes on. Who did not take it is
 * told again in the background, with a new logout token each time since those are short-lived; who
 * still does not is reported (OpenID Connect Back-Channel Logout 1.0, section 2.5).
 */
export function retryLogouts(provider: Provider, options: BackchannelOptions): BackchannelLogouts {
  const { delays, untold, log } = options;
  const waiting = new Map<NodeJS.Timeout, () => Promise<void>>();
  const running = new Set<Promise<void>>();
  let closed = false;

  const keep = (work: Promise<void>) => {
    running.add(work);
    void work.finally(() => running.delete(work));
  };

  async function giveUp(one: Untold, error: Error, attempts: number): Promise<void> {
    const about = { client_id: one.clientId, account: one.accountId, id: one.request, attempts };
    log.warn({ ...about, err: error }, 'a client could not be told of a logout');
    await untold(one).catch((err) => log.error({ ...about, err }, 'untold client not recorded'));
  }

  async function again(one: Untold, sid: string, attempt: number): Promise<void> {
    try {
      const client = (await provider.Client.find(one.clientId)) as Receiver | undefined;
      // Deleted, disabled, or it wants to be told no more.
      if (!client?.backchannelLogoutUri) return;
      await client.backchannelLogout(one.accountId, sid);
      log.info({ client_id: one.clientId, id: one.request, attempt }, 'backchannel.success');
    } catch (error) {
      keep(wait(one, sid, error as Error, attempt));
    }
  }

  async function wait(one: Untold, sid: string, error: Error, attempts: number): Promise<void> {
    const delay = delays[attempts - 1];
    if (delay === undefined || closed || waiting.size >= LIMIT) return giveUp(one, error, attempts);
    const timer = setTimeout(() => {
      waiting.delete(timer);
      keep(again(one, sid, attempts + 1));
    }, delay * 1000);
    waiting.set(timer, () => giveUp(one, error, attempts));
  }

  provider.on('backchannel.error', (ctx: KoaContextWithOIDC, error, client, accountId, sid) => {
    const request = (ctx.state as { id?: string }).id;
    keep(wait({ clientId: client.clientId, accountId, request }, sid, error, 1));
  });

  return {
    async close() {
      closed = true;
      for (const [timer, stop] of waiting) {
        clearTimeout(timer);
        keep(stop());
      }
      waiting.clear();
      while (running.size > 0) await Promise.all(running);
    },
  };
}
