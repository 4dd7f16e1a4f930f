/**
 * When somebody else was faster. The API refuses what was meant for a state that is no longer there;
 * the page that asked then asks again, about what is there now, and says who changed what meanwhile.
 */
import type { Go, View, Visit } from '../page.ts';
import { Refused } from '../rest.ts';
import { eventsOf, type Told } from './events.ts';
import { idOf, versionOf } from './found.ts';

/** The newest so many are told of; the history has all. */
const TOLD = 10;

/**
 * What happened since the page was opened, newest first: each change of a client makes one version.
 * @param version the client's, now
 */
export async function changesSince(visit: Visit, version: number | undefined): Promise<Told[]> {
  const count = (version ?? 0) - (versionOf(visit.form) ?? 0);
  if (count < 1) return [];
  const { events } = await eventsOf(visit, idOf(visit), Math.min(count, TOLD));
  return events;
}

/** Acts; where that is refused since the client has another version, asks again. */
export async function actOrAsk(
  visit: Visit,
  act: () => Promise<Go | View>,
  ask: () => Promise<View>,
): Promise<Go | View> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== 'precondition_failed') throw error;
    const { model, ...view } = await ask();
    const { version } = model as { version?: number };
    const overtaken = await changesSince(visit, version);
    return { ...view, status: error.status, model: { ...model, overtaken } };
  }
}
