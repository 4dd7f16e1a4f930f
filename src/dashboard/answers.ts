/**
 * A form that arrives twice is acted on once. Who presses again since nothing seems to happen sends
 * the form of the same page again (`forms.ts` gives each page a token of its own); the browser drops
 * the first answer and shows the second, which must be what the first was, credentials included.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { digest } from '../lib/ids.ts';
import type { Vault } from '../lib/seal.ts';
import { type CollectionSpec, DuplicateError, type Store } from '../store/store.ts';
import type { File, Go, View } from './page.ts';

export const dashboardAnswersCollection: CollectionSpec = { name: 'dashboard_answers' };

/** Seconds for which an answer is there to be given again. */
const KEPT = 60;
/** So often, and after so many milliseconds each, another request is asked what it came to. */
const LOOKS = 100;
const PAUSE = 100;

export interface Answers {
  /**
   * Acts on a form that came for the first time, or for the first time since it was refused.
   * @param form all that was sent, and where to
   * @returns undefined: another request with the same form is still at it
   */
  once(form: string, act: () => Promise<View | Go | File>): Promise<View | Go | File | undefined>;
}

export function createAnswers(store: Store, vault: Vault): Answers {
  const collection = store.collection<{ sealed?: string }>(dashboardAnswersCollection);
  const context = (id: string) => `${dashboardAnswersCollection.name}:${id}`;

  async function isFirst(id: string): Promise<boolean> {
    try {
      await collection.insert(id, {}, { ttl: KEPT });
      return true;
    } catch (error) {
      if (error instanceof DuplicateError) return false;
      throw error;
    }
  }

  /** What led on is done; whatever else a form is answered with can be sent again, and be another. */
  async function first(id: string, act: () => Promise<View | Go | File>) {
    let made: View | Go | File | undefined;
    try {
      made = await act();
      return made;
    } finally {
      if (made && 'go' in made) {
        const sealed = vault.seal(JSON.stringify(made), context(id));
        await collection.put(id, { sealed }, { ttl: KEPT });
      } else {
        await collection.delete(id);
      }
    }
  }

  return {
    async once(form, act) {
      const id = digest(form);
      for (let look = 0; look < LOOKS; look += 1) {
        if (await isFirst(id)) return first(id, act);
        const sealed = (await collection.get(id))?.value.sealed;
        if (sealed) return JSON.parse(vault.open(sealed, context(id)));
        await pause(PAUSE);
      }
      return undefined;
    },
  };
}
