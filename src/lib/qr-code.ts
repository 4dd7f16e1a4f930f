/** QR codes (ISO/IEC 18004): addresses for people to open on a phone that they see on another screen. */
import { type QrWords, qrWords } from './qr-words.ts';

/** Dark modules, row by row. */
export type Modules = readonly (readonly boolean[])[];

type Cell = (row: number, column: number) => boolean;

const masks: readonly Cell[] = [
  (row, column) => (row + column) % 2 === 0,
  (row) => row % 2 === 0,
  (_, column) => column % 3 === 0,
  (row, column) => (row + column) % 3 === 0,
  (row, column) => (Math.floor(row / 2) + Math.floor(column / 3)) % 2 === 0,
  (row, column) => ((row * column) % 2) + ((row * column) % 3) === 0,
  (row, column) => (((row * column) % 2) + ((row * column) % 3)) % 2 === 0,
  (row, column) => (((row + column) % 2) + ((row * column) % 3)) % 2 === 0,
];

/** The remainder by a generator, behind the value that it protects (annexes C and D). */
function protect(value: number, by: number): number {
  const length = by.toString(2).length - 1;
  let rest = value << length;
  while (rest.toString(2).length > length && rest > 0) {
    rest ^= by << (rest.toString(2).length - 1 - length);
  }
  return (value << length) | rest;
}

/** Where alignment patterns are, along each side (annex E). */
function alignments(version: number): number[] {
  if (version === 1) return [];
  const last = 4 * version + 10;
  return version < 7 ? [6, last] : [6, last / 2 + 3, last];
}

/** Everything that does not depend on the text: what is dark of it, and `undefined` elsewhere. */
function frame(
  version: number,
  mask: number,
): (row: number, column: number) => boolean | undefined {
  const size = 17 + 4 * version;
  const known = new Map<number, boolean>();
  const set = (row: number, column: number, dark: boolean) => {
    if (row >= 0 && column >= 0 && row < size && column < size)
      known.set(row * size + column, dark);
  };
  const square = (row: number, column: number, reach: number, dark: (ring: number) => boolean) => {
    for (let down = -reach; down <= reach; down += 1)
      for (let right = -reach; right <= reach; right += 1)
        set(row + down, column + right, dark(Math.max(Math.abs(down), Math.abs(right))));
  };

  for (let at = 8; at < size - 8; at += 1) {
    set(6, at, at % 2 === 0);
    set(at, 6, at % 2 === 0);
  }
  const centres = alignments(version);
  const last = centres.at(-1);
  for (const row of centres)
    for (const column of centres) {
      const inCorner = [row, column].every((one) => one === 6 || one === last);
      if (!inCorner || (row === last && column === last))
        square(row, column, 2, (ring) => ring !== 1);
    }
  for (const [row, column] of [
    [3, 3],
    [3, size - 4],
    [size - 4, 3],
  ] as const)
    square(row, column, 4, (ring) => ring !== 2 && ring !== 4);

  // Level M is 00 (table 12).
  const format = protect(mask, 0x537) ^ 0x5412;
  for (let bit = 0; bit < 15; bit += 1) {
    const dark = ((format >> bit) & 1) === 1;
    const along = bit < 6 ? bit : bit < 8 ? bit + 1 : bit === 8 ? 7 : 14 - bit;
    if (bit < 8) set(along, 8, dark);
    else set(8, along, dark);
    if (bit < 8) set(8, size - 1 - bit, dark);
    else set(size - 15 + bit, 8, dark);
  }
  set(size - 8, 8, true);
  for (let bit = 0; version >= 7 && bit < 18; bit += 1) {
    const dark = ((protect(version, 0x1f25) >> bit) & 1) === 1;
    const [near, far] = [Math.floor(bit / 3), size - 11 + (bit % 3)];
    set(near, far, dark);
    set(far, near, dark);
  }
  return (row, column) => known.get(row * size + column);
}

/** The words go up and down in pairs of columns, from the right (7.7.3). */
function draw({ version, words }: QrWords, mask: number): boolean[][] {
  const size = 17 + 4 * version;
  const fixed = frame(version, mask);
  const modules = Array.from({ length: size }, (_, row) =>
    Array.from({ length: size }, (_, column) => fixed(row, column) ?? false),
  );
  const inverted = masks[mask] as Cell;
  let bit = 0;
  for (let right = size - 1, up = true; right > 0; right -= 2, up = !up) {
    if (right === 6) right -= 1;
    for (let step = 0; step < size; step += 1) {
      const row = up ? size - 1 - step : step;
      for (const column of [right, right - 1]) {
        if (fixed(row, column) !== undefined) continue;
        const dark = (((words[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1) === 1;
        (modules[row] as boolean[])[column] = dark !== inverted(row, column);
        bit += 1;
      }
    }
  }
  return modules;
}

/** What makes a code hard to read: runs, blocks, what looks like a corner, too much of one (7.8.3). */
function penalty(modules: Modules): number {
  const textOf = (rows: Modules) => rows.map((row) => row.map(Number).join(''));
  const turned = modules.map((_, at) => modules.map((row) => row[at] as boolean));
  const lines = [...textOf(modules), ...textOf(turned)];
  const runs = lines.flatMap((line) => line.match(/0{5,}|1{5,}/g) ?? []);
  const corners = lines.flatMap((line) => line.match(/(?=00001011101|10111010000)/g) ?? []);
  const blocks = modules.flatMap((row, at) =>
    row.filter((dark, column) =>
      [row[column + 1], modules[at + 1]?.[column], modules[at + 1]?.[column + 1]].every(
        (other) => other === dark,
      ),
    ),
  );
  const share = modules.flat().filter(Boolean).length / modules.length ** 2;
  return (
    runs.reduce((total, run) => total + run.length - 2, 0) +
    3 * blocks.length +
    40 * corners.length +
    10 * Math.floor(Math.abs(share - 0.5) * 20)
  );
}

/** Undefined when the text is too long for one that is easily read, 213 bytes. */
export function qrCode(text: string): Modules | undefined {
  const words = qrWords(text);
  if (!words) return undefined;
  const drawn = masks.map((_, mask) => draw(words, mask));
  const marks = drawn.map(penalty);
  return drawn[marks.indexOf(Math.min(...marks))];
}

/** A picture of it with the margin that it needs, black on white whatever is around it. */
export function qrPicture(modules: Modules): string {
  const side = modules.length + 8;
  const path = modules
    .flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x + 4} ${y + 4}h1v1h-1z`] : [])))
    .join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${side}v${side}H0z"/><path d="${path}"/></svg>`;
}
