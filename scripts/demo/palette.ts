/** Makes screenshots a third of their size: pages and terminals have few colours. */
import { crc32, deflateSync, inflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');

function* chunks(png: Buffer): Generator<[type: string, data: Buffer]> {
  for (let at = SIGNATURE.length; at < png.length; ) {
    const length = png.readUInt32BE(at);
    yield [png.toString('latin1', at + 4, at + 8), png.subarray(at + 8, at + 8 + length)];
    at += length + 12;
  }
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** PNG specification, section 9.4. */
function paeth(left: number, up: number, corner: number): number {
  const estimate = left + up - corner;
  const [a, b, c] = [left, up, corner].map((value) => Math.abs(estimate - value)) as [
    number,
    number,
    number,
  ];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

const predictors = [
  () => 0,
  (left: number) => left,
  (_: number, up: number) => up,
  (left: number, up: number) => (left + up) >> 1,
  paeth,
];

/** Undoes the filters: plain rows of `size` bytes a pixel. */
function unfilter(data: Buffer, width: number, height: number, size: number): Buffer {
  const stride = width * size;
  const rows = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y += 1) {
    const predict = predictors[data[y * (stride + 1)] as number] as (typeof predictors)[number];
    for (let x = 0; x < stride; x += 1) {
      const at = y * stride + x;
      const left = x < size ? 0 : (rows[at - size] as number);
      const up = y === 0 ? 0 : (rows[at - stride] as number);
      const corner = x < size || y === 0 ? 0 : (rows[at - stride - size] as number);
      rows[at] = (data[y * (stride + 1) + 1 + x] as number) + predict(left, up, corner);
    }
  }
  return rows;
}

/** The commonest colour stands for all that agree with it but for the last `bits` of each part. */
function reduce(
  pixels: Uint32Array,
  most: number,
  bits = 0,
): { palette: number[]; of: Map<number, number> } {
  const counts = new Map<number, number>();
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
  const mask = 0x010101 * ((0xff << bits) & 0xff);
  const palette: number[] = [];
  const groups = new Map<number, number>();
  const of = new Map<number, number>();
  for (const [pixel] of [...counts].sort(([, a], [, b]) => b - a)) {
    const group = pixel & mask;
    if (!groups.has(group)) groups.set(group, palette.push(pixel) - 1);
    of.set(pixel, groups.get(group) as number);
  }
  return palette.length > most ? reduce(pixels, most, bits + 1) : { palette, of };
}

/**
 * @param most how many colours to keep, up to 256
 * @param png 8 bits a channel, without transparency and interlacing, as browsers take pictures
 */
export function withPalette(png: Buffer, most: number): Buffer {
  const parts = [...chunks(png)];
  const header = Buffer.from(parts.find(([type]) => type === 'IHDR')?.[1] ?? []);
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const size = header[9] === 6 ? 4 : 3;
  const data = Buffer.concat(parts.filter(([type]) => type === 'IDAT').map(([, part]) => part));
  const bytes = unfilter(inflateSync(data), width, height, size);
  const pixels = Uint32Array.from({ length: width * height }, (_, at) =>
    bytes.readUIntBE(at * size, 3),
  );
  const { palette, of } = reduce(pixels, most);
  const rows = Buffer.alloc((width + 1) * height);
  for (const [at, pixel] of pixels.entries()) {
    rows[Math.floor(at / width) * (width + 1) + 1 + (at % width)] = of.get(pixel) as number;
  }
  const colours = Buffer.alloc(palette.length * 3);
  for (const [at, colour] of palette.entries()) colours.writeUIntBE(colour, at * 3, 3);
  header[9] = 3;
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', colours),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
