/**
 * What kind of picture some bytes are, and how large it unfolds: by what they begin with, whatever
 * anybody says of them. Only formats that hold pixels and nothing that runs; no SVG.
 */
export interface Picture {
  type: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';
  /** Pixels. */
  width: number;
  height: number;
}

type Size = readonly [width: number, height: number];

/** Start of frame, of whatever coding; not DHT (c4), JPG (c8), DAC (cc) (ITU-T T.81, table B.1). */
const isFrame = (marker: number) =>
  marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

/** Walks from segment to segment to the frame (ITU-T T.81, B.2). */
function jpegSize(bytes: Buffer): Size | undefined {
  for (let at = 2; at + 9 <= bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1] as number;
    if (isFrame(marker)) return [bytes.readUInt16BE(at + 7), bytes.readUInt16BE(at + 5)];
    // A byte more of the fill before a marker.
    at += marker === 0xff ? 1 : 2 + bytes.readUInt16BE(at + 2);
  }
  return undefined;
}

/** By its first chunk: lossy, lossless, extended (RFC 9649, sections 2.5 to 2.7). */
function webpSize(bytes: Buffer): Size | undefined {
  const chunk = bytes.toString('latin1', 12, 16);
  if (chunk === 'VP8 ') return [bytes.readUInt16LE(26) & 0x3fff, bytes.readUInt16LE(28) & 0x3fff];
  if (chunk === 'VP8X') return [bytes.readUIntLE(24, 3) + 1, bytes.readUIntLE(27, 3) + 1];
  if (chunk !== 'VP8L') return undefined;
  const bits = bytes.readUInt32LE(21);
  return [(bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1];
}

const formats: readonly {
  type: Picture['type'];
  /** What stands where, in Latin-1. */
  marks: readonly (readonly [at: number, text: string])[];
  size(bytes: Buffer): Size | undefined;
}[] = [
  {
    type: 'image/png',
    marks: [
      [0, '\x89PNG\r\n\x1a\n'],
      [12, 'IHDR'],
    ],
    size: (bytes) => [bytes.readUInt32BE(16), bytes.readUInt32BE(20)],
  },
  { type: 'image/jpeg', marks: [[0, '\xff\xd8\xff']], size: jpegSize },
  {
    type: 'image/gif',
    marks: [[0, 'GIF8']],
    size: (bytes) => [bytes.readUInt16LE(6), bytes.readUInt16LE(8)],
  },
  {
    type: 'image/webp',
    marks: [
      [0, 'RIFF'],
      [8, 'WEBP'],
    ],
    size: webpSize,
  },
];

/** Enough of the beginning for every format that has its size there. */
const HEAD = 30;

/** @returns nothing when it is no picture that is known */
export function pictureOf(bytes: Buffer): Picture | undefined {
  if (bytes.length < HEAD) return undefined;
  const head = bytes.toString('latin1', 0, HEAD);
  const format = formats.find(({ marks }) =>
    marks.every(([at, text]) => head.startsWith(text, at)),
  );
  const size = format?.size(bytes);
  return format && size && { type: format.type, width: size[0], height: size[1] };
}
