/** How many letters must be added, dropped or replaced to make one word of the other (Levenshtein). */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...from].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...to].entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

/** Keys of strangers are only compared up to this length: the comparison's cost is quadratic. */
const LONGEST = 64;

const lastKey = (name: string): string => name.slice(name.lastIndexOf('.') + 1);

/**
 * The name that was probably meant by a key, if one is near: a third of its letters may be wrong.
 * @param names dotted paths, of which the last key is compared; of two as near the first is meant
 */
export function nearest(key: string, names: readonly string[]): string | undefined {
  const word = lastKey(key).toLowerCase();
  if (word.length > LONGEST) return undefined;
  const [best] = names
    .map((name) => ({ name, far: distance(word, lastKey(name)) }))
    .filter(({ far }) => far <= Math.ceil(word.length / 3))
    .sort((a, b) => a.far - b.far);
  return best?.name;
}
