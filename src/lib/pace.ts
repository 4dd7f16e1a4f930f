/** Long work on the one thread that answers everybody. */
import { setImmediate } from 'node:timers/promises';

/** Milliseconds after which it is somebody else's turn. */
const TURN = 5;

/**
 * A pause to be awaited after each small piece of work: it lasts until whoever waits has been served,
 * and is none while the work has kept nobody waiting for long.
 */
export function createPace(): () => Promise<void> {
  let begun = performance.now();
  return async () => {
    if (performance.now() - begun < TURN) return;
    await setImmediate();
    begun = performance.now();
  };
}
