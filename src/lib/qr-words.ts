/** What a QR code says, as the words that it is drawn from (ISO/IEC 18004, 7.4 to 7.6): bytes, level M. */
import { correction } from './reed-solomon.ts';

/** By version, from 1: words of correction in a block, and how many words of data each block has. */
const versions: readonly (readonly [correction: number, blocks: readonly number[]])[] = [
  [10, [16]],
  [16, [28]],
  [26, [44]],
  [18, [32, 32]],
  [24, [43, 43]],
  [16, [27, 27, 27, 27]],
  [18, [31, 31, 31, 31]],
  [22, [38, 38, 39, 39]],
  [22, [36, 36, 36, 37, 37]],
  [26, [43, 43, 43, 43, 44]],
];

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);
const bitsOf = (value: number, length: number) => value.toString(2).padStart(length, '0');
/** Before the text: that it is bytes, and how many. */
const heading = (version: number) => (version < 10 ? 12 : 20);

/** One word from each list in turn, as long as there are any. */
const interleave = (lists: readonly number[][]): number[] =>
  Array.from({ length: Math.max(...lists.map(({ length }) => length)) }, (_, at) =>
    lists.flatMap((list) => list.slice(at, at + 1)),
  ).flat();

export interface QrWords {
  version: number;
  words: number[];
}

/** Undefined when the text is longer than 213 bytes, the most that is drawn here. */
export function qrWords(text: string): QrWords | undefined {
  const bytes = [...Buffer.from(text)];
  const fits = ([, blocks]: (typeof versions)[number], at: number) =>
    bytes.length * 8 + heading(at + 1) <= sum(blocks) * 8;
  const index = versions.findIndex(fits);
  const chosen = versions[index];
  if (!chosen) return undefined;
  const version = index + 1;
  const [corrections, blocks] = chosen;
  const said = [
    '0100',
    bitsOf(bytes.length, heading(version) - 4),
    ...bytes.map((byte) => bitsOf(byte, 8)),
  ].join('');
  const ended = said.padEnd(Math.min(sum(blocks) * 8, said.length + 4), '0');
  const full = ended.padEnd(Math.ceil(ended.length / 8) * 8, '0').match(/.{8}/g) ?? [];
  const filler = Array.from({ length: sum(blocks) - full.length }, (_, at) => [236, 17][at % 2]);
  const data = [...full.map((bits) => Number.parseInt(bits, 2)), ...filler] as number[];
  const parts = blocks.map((length, at) => {
    const start = sum(blocks.slice(0, at));
    return data.slice(start, start + length);
  });
  const corrected = parts.map((part) => correction(part, corrections));
  return { version, words: [...interleave(parts), ...interleave(corrected)] };
}
