import { changesOf, type EventView, wordsOf } from './event.ts';

type Words = ReturnType<typeof wordsOf>;

/** Of one event; the export has all. */
const CHANGES = 6;
/** What the changes of a page may weigh, and those of one property, bytes; about. */
const ROOM = 40_000;
const SHARE = 4_000;

/** As the template cuts a value. */
const LONGEST = 160;
const weightOf = ({ gone, come }: Words): number =>
  [...gone, ...come].reduce((sum, value) => sum + Math.min(value.length, LONGEST) + 60, 60);

/** Tells what events changed, one after the other, as long as the page stays light. */
export function createTelling(): (event: EventView) => { changes: Words[]; more: number } {
  let room = ROOM;
  return (event) => {
    const all = changesOf(event);
    const changes: Words[] = [];
    for (const change of all.slice(0, CHANGES)) {
      const words = wordsOf(change);
      const weight = weightOf(words);
      if (weight > Math.min(room, SHARE)) continue;
      room -= weight;
      changes.push(words);
    }
    return { changes, more: all.length - changes.length };
  };
}
