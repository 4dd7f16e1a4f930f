/** X.509 certificates of any content, true or forged, made byte by byte (RFC 5280, section 4.1). */
import {
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto';
import { isIPv4 } from 'node:net';

const tlv = (tag: number, ...parts: Buffer[]): Buffer => {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
};

const sequence = (...parts: Buffer[]) => tlv(0x30, ...parts);
const octets = (content: Buffer) => tlv(0x04, content);
const bits = (content: Buffer) => tlv(0x03, Buffer.of(0), content);
const yes = tlv(0x01, Buffer.of(255));

function oid(dotted: string): Buffer {
  const [root = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [root * 40 + second, ...rest].flatMap((arc) => {
    const groups = [arc & 127];
    for (let more = Math.floor(arc / 128); more > 0; more = Math.floor(more / 128))
      groups.unshift((more & 127) | 128);
    return groups;
  });
  return tlv(0x06, Buffer.from(bytes));
}

const time = (at: Date) =>
  tlv(
    0x17,
    Buffer.from(
      `${at
        .toISOString()
        .replace(/[-:T]|\.\d+/g, '')
        .slice(2)}`,
    ),
  );

const types = {
  CN: '2.5.4.3',
  C: '2.5.4.6',
  O: '2.5.4.10',
  OU: '2.5.4.11',
  emailAddress: '1.2.840.113549.1.9.1',
  organizationIdentifier: '2.5.4.97',
} as const;

/** An attribute as UTF8String, or as what another identifier octet says. */
export type Attribute = readonly [type: keyof typeof types, value: string, tag?: number];

/** A relative name has one attribute or several. The order is the certificate's. */
export type Name = readonly (Attribute | readonly Attribute[])[];

const nameOf = (name: Name): Buffer =>
  sequence(
    ...name.map((relative) => {
      const attributes = (
        typeof relative[0] === 'string' ? [relative] : relative
      ) as readonly Attribute[];
      return tlv(
        0x31,
        ...attributes.map(([type, value, tag = 0x0c]) => {
          const text =
            tag === 0x1e ? Buffer.from(value, 'utf16le').swap16() : Buffer.from(value, 'utf8');
          return sequence(oid(types[type]), tlv(tag, text));
        }),
      );
    }),
  );

export interface AlternativeNames {
  dns?: string[];
  uri?: string[];
  ip?: string[];
  email?: string[];
}

const ipOctets = (address: string): Buffer =>
  isIPv4(address)
    ? Buffer.from(address.split('.').map(Number))
    : Buffer.from(
        address
          .split(':')
          .map((group) => group.padStart(4, '0'))
          .join(''),
        'hex',
      );

const alternativeNames = ({ dns = [], uri = [], ip = [], email = [] }: AlternativeNames): Buffer =>
  sequence(
    ...email.map((value) => tlv(0x81, Buffer.from(value, 'latin1'))),
    ...dns.map((value) => tlv(0x82, Buffer.from(value, 'latin1'))),
    ...uri.map((value) => tlv(0x86, Buffer.from(value, 'latin1'))),
    ...ip.map((value) => tlv(0x87, ipOctets(value))),
  );

const extension = (id: string, value: Buffer, critical = false) =>
  sequence(oid(id), ...(critical ? [yes] : []), octets(value));

export const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
export const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

export interface CertificateOptions {
  subject?: Name;
  /** IPv6 addresses with all eight groups. */
  san?: AlternativeNames;
  /** Days from now; it has begun yesterday and ends in a year when absent. */
  days?: readonly [from: number, to: number];
  authority?: boolean;
  /** Of an authority: how many others may stand below it. */
  pathLength?: number;
  /** Extended key usage; none when absent. */
  uses?: string[];
  /** A critical extension that nobody knows. */
  unknownCritical?: boolean;
  /** Only names below this DNS name may be issued. */
  permitted?: string;
}

export interface Issued {
  certificate: X509Certificate;
  key: KeyObject;
  subject: Buffer;
  pem: string;
  keyPem: string;
  /** As nginx's `$ssl_client_escaped_cert`. */
  escaped: string;
  /** The public key with its certificate (RFC 7517, section 4.7). */
  jwk: Record<string, unknown>;
}

const ECDSA_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));
const day = 86_400_000;

/** A certificate with a fresh key, issued by `authority` or, without one, by itself. */
export function issue(options: CertificateOptions = {}, authority?: Issued): Issued {
  const { subject: name = [['CN', 'client']], days: [from, to] = [-1, 365], san } = options;
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const subject = nameOf(name);
  const { pathLength } = options;
  const constraints = sequence(
    yes,
    ...(pathLength === undefined ? [] : [tlv(0x02, Buffer.of(pathLength))]),
  );
  const extensions = [
    ...(options.authority ? [extension('2.5.29.19', constraints, true)] : []),
    ...(options.uses ? [extension('2.5.29.37', sequence(...options.uses.map(oid)))] : []),
    ...(san ? [extension('2.5.29.17', alternativeNames(san))] : []),
    ...(options.unknownCritical ? [extension('1.3.6.1.4.1.99999.1', yes, true)] : []),
    ...(options.permitted
      ? [
          extension(
            '2.5.29.30',
            sequence(tlv(0xa0, sequence(tlv(0x82, Buffer.from(options.permitted))))),
            true,
          ),
        ]
      : []),
  ];
  const signed = sequence(
    tlv(0xa0, tlv(0x02, Buffer.of(2))),
    tlv(0x02, Buffer.of(1), randomBytes(15)),
    ECDSA_SHA256,
    authority?.subject ?? subject,
    sequence(time(new Date(Date.now() + from * day)), time(new Date(Date.now() + to * day))),
    subject,
    publicKey.export({ format: 'der', type: 'spki' }),
    ...(extensions.length > 0 ? [tlv(0xa3, sequence(...extensions))] : []),
  );
  const signature = sign('sha256', signed, authority?.key ?? privateKey);
  const certificate = new X509Certificate(sequence(signed, ECDSA_SHA256, bits(signature)));
  const pem = certificate.toString();
  return {
    certificate,
    key: privateKey,
    subject,
    pem,
    keyPem: privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
    escaped: encodeURIComponent(pem),
    jwk: {
      ...publicKey.export({ format: 'jwk' }),
      x5c: [certificate.raw.toString('base64')],
    },
  };
}

/** An authority for clients. */
export const createAuthority = (name = 'Clients CA', options: CertificateOptions = {}): Issued =>
  issue({ subject: [['CN', name]], authority: true, ...options });
