/**
 * What an X.509 certificate says (RFC 5280), read from its bytes: texts that print its names, such
 * as `subjectaltname`, have been forged with quotes and commas before (CVE-2021-44532).
 */
import type { X509Certificate } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { type Der, DerError, membersOf, oidOf, readOne, tags } from './der.ts';
import { canonicalName } from './distinguished-name.ts';
import { groupsOf } from './ip.ts';

/** Whom a certificate names. */
export interface CertificateNames {
  /** Comparable with what `parseName` makes of a text. */
  subject: string;
  dns: string[];
  uri: string[];
  /** Comparable with what `addressKey` makes of a text. */
  ip: string[];
  email: string[];
}

interface Extension {
  oid: string;
  critical: boolean;
  value: Buffer;
}

const SUBJECT_ALT_NAME = '2.5.29.17';
const BASIC_CONSTRAINTS = '2.5.29.19';
const NAME_CONSTRAINTS = '2.5.29.30';

/** The part that the issuer signed: subject and extensions. @throws {DerError} */
function readSigned({ raw }: X509Certificate): { subject: Der; extensions: Extension[] } {
  const [signed] = membersOf(readOne(raw), tags.sequence);
  const fields = membersOf(signed, tags.sequence);
  // Version [0] is optional; serial number, algorithm, issuer and validity stand before the subject.
  const subject = fields[fields[0]?.tag === 0xa0 ? 5 : 4];
  if (!subject) throw new DerError('has no subject');
  const wrapped = fields.find(({ tag }) => tag === 0xa3);
  const list = wrapped ? membersOf(readOne(wrapped.content), tags.sequence) : [];
  const extensions = list.map((one): Extension => {
    const members = membersOf(one, tags.sequence);
    const value = members.at(-1);
    if (value?.tag !== tags.octetString) throw new DerError('is no extension');
    const critical = members[1]?.tag === tags.boolean && members[1].content[0] !== 0;
    return { oid: oidOf(members[0]), critical, value: value.content };
  });
  if (new Set(extensions.map(({ oid }) => oid)).size !== extensions.length) {
    throw new DerError('has an extension twice');
  }
  return { subject, extensions };
}

/** The kinds of GeneralName that are read, by identifier octet (RFC 5280, section 4.2.1.6). */
const kinds: Readonly<Record<number, readonly ['dns' | 'uri' | 'ip' | 'email', BufferEncoding]>> = {
  129: ['email', 'latin1'],
  130: ['dns', 'latin1'],
  134: ['uri', 'latin1'],
  135: ['ip', 'hex'],
};

/** Whom it names; undefined when that cannot be read without doubt. */
export function namesOf(certificate: X509Certificate): CertificateNames | undefined {
  try {
    const { subject, extensions } = readSigned(certificate);
    const names: CertificateNames = {
      subject: canonicalName(subject),
      dns: [],
      uri: [],
      ip: [],
      email: [],
    };
    const alternative = extensions.find(({ oid }) => oid === SUBJECT_ALT_NAME);
    const list = alternative ? membersOf(readOne(alternative.value), tags.sequence) : [];
    for (const { tag, content } of list) {
      const [kind, encoding] = kinds[tag] ?? [];
      if (kind) names[kind].push(content.toString(encoding));
    }
    return names;
  } catch {
    return undefined;
  }
}

/** An IP address as certificates hold it, in hexadecimal; undefined for what is none. */
export function addressKey(address: string): string | undefined {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number)).toString('hex');
  return groupsOf(address)
    ?.map((group) => group.toString(16).padStart(4, '0'))
    .join('');
}

/** Whether its time has begun and not ended. */
export const isCurrent = (
  { validFromDate, validToDate }: X509Certificate,
  now = Date.now(),
): boolean => validFromDate.getTime() <= now && now <= validToDate.getTime();

/** Critical extensions that are honoured here, or that bind only what issues (RFC 5280, section 4.2). */
const understood: ReadonlySet<string> = new Set([
  SUBJECT_ALT_NAME,
  '2.5.29.14', // subject key identifier
  '2.5.29.15', // key usage
  BASIC_CONSTRAINTS,
  '2.5.29.32', // certificate policies
  '2.5.29.35', // authority key identifier
  '2.5.29.37', // extended key usage
]);

/** `clientAuth` and `anyExtendedKeyUsage` (RFC 5280, section 4.2.1.12). */
const clientUses: readonly string[] = ['1.3.6.1.5.5.7.3.2', '2.5.29.37.0'];

/** What OpenSSL asks of TLS by default (security level 2), and RFC 9325, section 4.5. */
function isStrong({ publicKey, signatureAlgorithm = '' }: X509Certificate): boolean {
  const { modulusLength } = publicKey.asymmetricKeyDetails ?? {};
  return (
    (modulusLength === undefined || modulusLength >= 2048) && !/md5|sha1/i.test(signatureAlgorithm)
  );
}

/**
 * Whether one of the authorities issued a certificate for clients, both within their time. No length
 * of a path is counted here; an authority whose names are constrained vouches for nobody, since the
 * constraint is not looked at.
 */
export function isIssuedBy(
  certificate: X509Certificate,
  authorities: readonly X509Certificate[],
): boolean {
  try {
    const { extensions } = readSigned(certificate);
    if (extensions.some(({ oid, critical }) => critical && !understood.has(oid))) return false;
    const uses: readonly string[] | undefined = certificate.keyUsage;
    if (uses && !uses.some((use) => clientUses.includes(use))) return false;
    return (
      isCurrent(certificate) &&
      isStrong(certificate) &&
      authorities.some(
        (authority) =>
          authority.ca &&
          isCurrent(authority) &&
          !readSigned(authority).extensions.some(({ oid }) => oid === NAME_CONSTRAINTS) &&
          certificate.checkIssued(authority) &&
          certificate.verify(authority.publicKey),
      )
    );
  } catch {
    return false;
  }
}

/**
 * How many authorities may stand between this one and the certificate at the end (RFC 5280, section
 * 4.2.1.9): any number when it does not say. @throws {DerError}
 */
function pathLengthOf(authority: X509Certificate): number {
  const extension = readSigned(authority).extensions.find(({ oid }) => oid === BASIC_CONSTRAINTS);
  const members = extension ? membersOf(readOne(extension.value), tags.sequence) : [];
  const length = members.find(({ tag }) => tag === tags.integer);
  return length ? Number.parseInt(length.content.toString('hex'), 16) : Number.POSITIVE_INFINITY;
}

/** Authorities in between, at most; real chains have one or two. */
const LONGEST = 8;

/**
 * Whether a certificate for clients leads to one of the authorities, by way of those that were sent
 * with it, if need be; each step as `isIssuedBy` says.
 */
export function isVouchedFor(
  certificate: X509Certificate,
  sent: readonly X509Certificate[],
  authorities: readonly X509Certificate[],
): boolean {
  try {
    let current = certificate;
    for (let between = 0; between <= LONGEST; between += 1) {
      const reaching = (one: X509Certificate) => pathLengthOf(one) >= between;
      if (isIssuedBy(current, authorities.filter(reaching))) return true;
      const next = sent.find((one) => isIssuedBy(current, [one]) && reaching(one));
      if (!next) return false;
      current = next;
    }
  } catch {
    // What cannot be read vouches for nobody.
  }
  return false;
}

const block = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The certificates of a PEM file, each as PEM. */
export const certificatesIn = (pem: string): string[] => pem.match(block) ?? [];
