import type { Client } from '../clients/client.ts';
import { Problem } from '../lib/problem.ts';
import { epoch } from '../lib/time.ts';
import type { Entry } from '../store/store.ts';
import type { RegistrationParts } from './registration.ts';

const DAY = 86_400;

/**
 * Clears away what was registered and then forgotten: what has expired is deleted; what nobody uses
 * is set aside, so that whoever misses it can have it back, and deleted later. Looks at clients that
 * a registration made and at no others. Of many processes one does it.
 * @returns the way to stop it, once the look that is under way has ended
 */
export function startReaper(parts: RegistrationParts): () => Promise<void> {
  const { store, clients, usage, log, settings } = parts;
  const { unused_days, quarantine_days, check_seconds } = settings;
  const actor = { via: 'server' } as const;

  async function remove({ id }: Entry<Client>, why: string) {
    await clients.delete(id, actor);
    await parts.endClient(id);
    log.info({ client_id: id }, `registered client deleted: ${why}`);
  }

  async function look(entry: Entry<Client>): Promise<void> {
    const { id, value, version } = entry;
    const { registration, origin, updated } = value;
    if (!registration || origin.via !== 'registration') return;
    const { expires, quarantined } = registration;
    const now = epoch();
    if (expires !== undefined && expires <= now) return remove(entry, 'expired');
    if (quarantined !== undefined) {
      if (quarantined + quarantine_days * DAY <= now) await remove(entry, 'unused');
      return;
    }
    if (unused_days === 0) return;
    const { last_used = 0 } = await usage.get(id);
    // A change is a sign of life too.
    if (Math.max(last_used, updated) + unused_days * DAY > now) return;
    await clients.register(id, undefined, { ...registration, quarantined: now }, actor, version);
    log.info({ client_id: id }, 'registered client set aside: unused');
  }

  async function run(): Promise<void> {
    // Shorter than the time between two looks, or a timer that is early would find it still there.
    if (!(await store.once('registration-reaper', check_seconds * 0.9))) return;
    let after: string | undefined;
    do {
      const page = await clients.list({ origin: 'registration', limit: 200, after });
      for (const entry of page.entries) {
        await look(entry).catch((error) => {
          // Changed or deleted meanwhile: the next look decides.
          if (!(error instanceof Problem)) throw error;
        });
      }
      after = page.next;
    } while (after !== undefined);
  }

  let running = Promise.resolve();
  const timer = setInterval(() => {
    running = running.then(run).catch((error) => {
      log.error({ err: error }, 'registered clients not looked through');
    });
  }, check_seconds * 1000);
  timer.unref();
  return () => {
    clearInterval(timer);
    return running;
  };
}
