/** ASN.1 values in DER, as far as reading certificates takes (ITU-T X.690, section 8 and 10). */

/** One value. */
export interface Der {
  /** The identifier octet: class, form and number; numbers above 30 do not occur in certificates. */
  tag: number;
  content: Buffer;
  /** The whole value, identifier and length included. */
  raw: Buffer;
}

/** The identifier octets that certificates are made of. */
export const tags = {
  boolean: 0x01,
  integer: 0x02,
  octetString: 0x04,
  oid: 0x06,
  sequence: 0x30,
  set: 0x31,
} as const;

/** Bytes that are not DER. */
export class DerError extends Error {
  readonly code = 'der';
}

/** The value that begins at `offset`. @throws {DerError} also for BER’s indefinite lengths */
function readAt(bytes: Buffer, offset: number): Der {
  const [tag, first] = [bytes[offset], bytes[offset + 1]];
  if (tag === undefined || first === undefined) throw new DerError('ends early');
  const octets = first < 0x80 ? 0 : first & 0x7f;
  const start = offset + 2 + octets;
  if (first === 0x80 || octets > 4 || start > bytes.length) throw new DerError('no such length');
  const length = octets === 0 ? first : bytes.readUIntBE(offset + 2, octets);
  if (start + length > bytes.length) throw new DerError('ends early');
  return {
    tag,
    content: bytes.subarray(start, start + length),
    raw: bytes.subarray(offset, start + length),
  };
}

/** The values that stand one after the other. @throws {DerError} */
export function readAll(bytes: Buffer): Der[] {
  const values: Der[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const value = readAt(bytes, offset);
    values.push(value);
    offset += value.raw.length;
  }
  return values;
}

/** The one value that the bytes are. @throws {DerError} */
export function readOne(bytes: Buffer): Der {
  const value = readAt(bytes, 0);
  if (value.raw.length !== bytes.length) throw new DerError('goes on after its end');
  return value;
}

/** The values within a constructed one. @throws {DerError} when it is another than `tag` says */
export function membersOf(value: Der | undefined, tag: number): Der[] {
  if (value?.tag !== tag) throw new DerError(`is not of the type ${tag}`);
  return readAll(value.content);
}

/** An object identifier with dots: `2.5.4.3`. @throws {DerError} */
export function oidOf(value: Der | undefined): string {
  if (value?.tag !== tags.oid) throw new DerError('is no object identifier');
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of value.content) {
    arc = arc * 128 + (byte & 0x7f);
    if (byte >= 0x80) continue;
    arcs.push(arc);
    arc = 0;
  }
  const [head = 0, ...rest] = arcs;
  const root = Math.min(2, Math.floor(head / 40));
  return [root, head - root * 40, ...rest].join('.');
}

const decoders: Readonly<Record<number, (bytes: Buffer) => string>> = {
  // UTF8String, and what is a subset of it: NumericString, PrintableString, IA5String, VisibleString.
  12: (bytes) => bytes.toString('utf8'),
  18: (bytes) => bytes.toString('latin1'),
  19: (bytes) => bytes.toString('latin1'),
  20: (bytes) => bytes.toString('latin1'),
  22: (bytes) => bytes.toString('latin1'),
  26: (bytes) => bytes.toString('latin1'),
  30: (bytes) => Buffer.from(bytes).swap16().toString('utf16le'),
};

/** The text of a character string; undefined for every other type, and for broken BMPStrings. */
export const textOf = ({ tag, content }: Der): string | undefined =>
  tag === 30 && content.length % 2 === 1 ? undefined : decoders[tag]?.(content);
