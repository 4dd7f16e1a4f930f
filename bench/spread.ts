/** The middle of some measurements, and how far they spread. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

/** @throws {Error} when there are none */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const [min, max] = [sorted[0], sorted.at(-1)];
  const middle = sorted[Math.floor(sorted.length / 2)];
  const other = sorted[Math.floor((sorted.length - 1) / 2)];
  if (min === undefined || max === undefined || middle === undefined || other === undefined) {
    throw new Error('nothing was measured');
  }
  return { median: (middle + other) / 2, min, max };
}
