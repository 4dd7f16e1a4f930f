import { expect, test } from '@jest/globals';
import { qrPicture } from '../src/lib/qr-code.ts';
import { readQr } from './support/qr-reader.ts';

const textOf = (length: number) =>
  `https://login.example.com/device?user_code=BNBD-PQHR&${'abcdefghij'.repeat(30)}`.slice(
    0,
    length,
  );

test.each([14, 26, 62, 106, 152, 213])('%d bytes are read as they were written', async (length) => {
  expect(readQr((await qrPicture(textOf(length))) ?? '')).toBe(textOf(length));
});

test('nothing is drawn of what is too long to be read easily', async () => {
  expect(await qrPicture(textOf(214))).toBeUndefined();
  expect(await qrPicture('ä'.repeat(107))).toBeUndefined();
});

test('the picture is black on white with the margin of four modules that readers need', async () => {
  const svg = (await qrPicture('https://login.example.com')) ?? '';
  const side = Number(/viewBox="0 0 (\d+) \1"/.exec(svg)?.[1]);
  expect(svg).toContain(`<path fill="#fff" d="M0 0h${side}v${side}H0z"/>`);
  const places = [...svg.matchAll(/M(\d+) (\d+)h1v1h-1z/g)].flatMap(([, x, y]) => [+x!, +y!]);
  expect([Math.min(...places), Math.max(...places)]).toEqual([4, side - 5]);
});
