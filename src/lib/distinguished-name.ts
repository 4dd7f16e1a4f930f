/**
 * Distinguished names, made comparable: two are equal when their canonical forms are. What is
 * compared is the sequence of relative names, so that no escape, separator or order within the text
 * makes one name look like another.
 */
import { type Der, DerError, membersOf, oidOf, readOne, tags, textOf } from './der.ts';

/**
 * Short names of attribute types, in lower case.
 * @source RFC 4514, section 3; RFC 4519; the others are what certificates of banks and public
 * authorities are written with (ETSI EN 319 412-1, CA/Browser Forum EV Guidelines, section 9.2)
 */
const types: Readonly<Record<string, string>> = {
  cn: '2.5.4.3',
  commonname: '2.5.4.3',
  sn: '2.5.4.4',
  surname: '2.5.4.4',
  serialnumber: '2.5.4.5',
  c: '2.5.4.6',
  countryname: '2.5.4.6',
  l: '2.5.4.7',
  localityname: '2.5.4.7',
  st: '2.5.4.8',
  s: '2.5.4.8',
  stateorprovincename: '2.5.4.8',
  street: '2.5.4.9',
  streetaddress: '2.5.4.9',
  o: '2.5.4.10',
  organizationname: '2.5.4.10',
  ou: '2.5.4.11',
  organizationalunitname: '2.5.4.11',
  title: '2.5.4.12',
  businesscategory: '2.5.4.15',
  postalcode: '2.5.4.17',
  name: '2.5.4.41',
  gn: '2.5.4.42',
  givenname: '2.5.4.42',
  initials: '2.5.4.43',
  dnqualifier: '2.5.4.46',
  pseudonym: '2.5.4.65',
  organizationidentifier: '2.5.4.97',
  uid: '0.9.2342.19200300.100.1.1',
  userid: '0.9.2342.19200300.100.1.1',
  dc: '0.9.2342.19200300.100.1.25',
  domaincomponent: '0.9.2342.19200300.100.1.25',
  e: '1.2.840.113549.1.9.1',
  emailaddress: '1.2.840.113549.1.9.1',
  jurisdictionl: '1.3.6.1.4.1.311.60.2.1.1',
  jurisdictionst: '1.3.6.1.4.1.311.60.2.1.2',
  jurisdictionc: '1.3.6.1.4.1.311.60.2.1.3',
};

/** An attribute, comparable as text. */
type Attribute = readonly [type: string, value: string];

/** Letter case and repeated spaces do not count (RFC 5280, section 7.1: caseIgnoreMatch). */
const comparable = (text: string): string =>
  `"${text.normalize('NFC').toLowerCase().replace(/ +/g, ' ').trim()}`;

/** Text as text, whatever its encoding; any other type by its bytes. */
const comparableValue = (value: Der): string => {
  const text = textOf(value);
  return text === undefined ? `#${value.raw.toString('hex')}` : comparable(text);
};

/** @param names in the order of the certificate; within one of them the order says nothing */
const canonical = (names: readonly Attribute[][]): string =>
  JSON.stringify(names.map((name) => name.map((attribute) => JSON.stringify(attribute)).sort()));

/** The canonical form of a name in a certificate. @throws {DerError} */
export function canonicalName(name: Der): string {
  const names = membersOf(name, tags.sequence).map((relative) =>
    membersOf(relative, tags.set).map((attribute): Attribute => {
      const [type, value, ...more] = membersOf(attribute, tags.sequence);
      if (value === undefined || more.length > 0) throw new DerError('is no attribute');
      return [oidOf(type), comparableValue(value)];
    }),
  );
  return canonical(names);
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** `\2C` is a byte of UTF-8, `\,` the character (RFC 4514, section 2.4). */
const unescaped = (text: string): string =>
  text.replace(/((?:\\[\da-f]{2})+)|\\(.)/gis, (_, bytes?: string, character?: string) =>
    bytes ? utf8.decode(Buffer.from(bytes.replaceAll('\\', ''), 'hex')) : (character ?? ''),
  );

const grammar = {
  type: / *([a-z][a-z\d-]*|\d+(?:\.\d+)+) *= */iy,
  bytes: /#((?:[\da-f]{2})+) */iy,
  text: /(?!#)((?:\\[\da-f]{2}|\\[ "#+,;<=>\\]|[^\\"+,;<>\0])*)/iy,
  separator: /[,+]|$/y,
};

/**
 * The canonical form of a name as text, the most specific part first (RFC 4514); spaces around `,`,
 * `+` and `=` do no harm. undefined for what is no such name, or an empty one.
 */
export function parseName(text: string): string | undefined {
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (!match) return undefined;
    at = pattern.lastIndex;
    return match[1] ?? match[0];
  };

  const names: Attribute[][] = [[]];
  try {
    for (;;) {
      const type = take(grammar.type)?.toLowerCase() ?? '';
      const oid = /^\d/.test(type) ? type : Object.hasOwn(types, type) && types[type];
      if (!oid) return undefined;
      const bytes = take(grammar.bytes);
      const value = bytes
        ? comparableValue(readOne(Buffer.from(bytes, 'hex')))
        : comparable(unescaped(take(grammar.text) ?? ''));
      names.at(-1)?.push([oid, value]);
      const separator = take(grammar.separator);
      if (separator === undefined) return undefined;
      if (separator === '') return canonical(names.reverse());
      if (separator === ',') names.push([]);
    }
  } catch {
    // Neither bytes that are no DER nor escapes that are no UTF-8 name anybody.
    return undefined;
  }
}
