import { hash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { qrCode, qrPicture } from '../src/lib/qr-code.ts';

const textOf = (length: number) =>
  ('https://login.example.com/device?user_code=BNBD-PQHR&' + 'abcdefghij'.repeat(30)).slice(
    0,
    length,
  );

/** The longest text of each size, and what it looked like when another's reader (OpenCV 4) read it. */
const drawn: [length: number, side: number, looks: string][] = [
  [14, 21, 'zcmkv2cv8XttAbDI'],
  [26, 25, 'zMryuBSAHRWEC44O'],
  [42, 29, 'uAtTuTKm1pTAgr8d'],
  [62, 33, 'wqHA5TUClYpzdf1d'],
  [84, 37, 'MiDCxsa0IWMExGXO'],
  [106, 41, 'FhUinL1_HDCHNX3h'],
  [122, 45, 'mMUoC4-trq3rNCnT'],
  [152, 49, 'qjwb0MXG19xITcHJ'],
  [180, 53, 'LHlzeF8cEppc-_XB'],
  [213, 57, '8xukPM2GnzM1yRBZ'],
];

test.each(drawn)('%d bytes make a code of %d modules, which is read', (length, side, looks) => {
  const modules = qrCode(textOf(length)) ?? [];
  expect(modules.map((row) => row.length)).toEqual(new Array(side).fill(side));
  const rows = modules.map((row) => row.map(Number).join('')).join('\n');
  expect(hash('sha256', rows, 'base64url').slice(0, 16)).toBe(looks);
});

test('one byte more needs the next size, and nothing is drawn after the last', () => {
  for (const [length, side] of drawn.slice(0, -1)) {
    expect(qrCode(textOf(length + 1))).toHaveLength(side + 4);
  }
  expect(qrCode(textOf(214))).toBeUndefined();
});

test('the picture is black on white with the margin of four modules that readers need', () => {
  const picture = qrPicture([
    [true, false],
    [false, true],
  ]);
  expect(picture).toContain('viewBox="0 0 10 10"');
  expect(picture).toContain('<path fill="#fff" d="M0 0h10v10H0z"/>');
  expect(picture).toContain('<path d="M4 4h1v1h-1zM5 5h1v1h-1z"/>');
});
