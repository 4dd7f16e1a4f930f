/**
 * Every property of a client, with right values, the last that is right and the first that is wrong,
 * and hostile ones, through REST, registration and files: the same answer from all that may set it.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  ClientMetadata,
  clientProperties,
  metaOf,
  registrable,
} from '../../src/clients/metadata.ts';
import { asPath, type Channels, type Metadata, openChannels, type Verdict } from './channels.ts';
import { base, service } from './contexts.ts';
import { makeTableKeys } from './key-values.ts';
import { propertyCases } from './property-values.ts';
import type { Case, Otherwise } from './value.ts';

interface Row extends Case {
  property: string;
  id: string;
  client: Metadata;
}

let channels: Channels;
let rows: Row[];
let ofFile: ReadonlyMap<string, Verdict>;

const isFor = (property: string) => (row: Row) => row.property === property;

/** What RFC 7591, section 2, and RFC 7592, section 2.2, let a client say for nothing. */
const absent = (property: keyof ClientMetadata): Case[] =>
  ['', null]
    .filter((value) => property !== 'fapi_profile' || value === '')
    .map((value) => ({
      value,
      rule: 'property-value',
      ...(property === 'redirect_uris' && { context: service }),
      registration: {
        because: 'null and empty are as if omitted (RFC 7592, section 2.2)',
        stored: ClientMetadata.shape[property].safeParse(undefined).data,
      },
    }));

beforeAll(async () => {
  channels = await openChannels();
  const table = propertyCases(await makeTableKeys(), channels.sector);
  expect(Object.keys(table).sort()).toEqual([...clientProperties].sort());
  rows = Object.entries(table).flatMap(([property, cases]) =>
    [...cases, ...absent(property as keyof ClientMetadata)].map((one, index) => ({
      ...one,
      property,
      id: `${property}-${index}`,
      client: { ...base, ...one.context, [property]: one.value },
    })),
  );
  ofFile = await channels.file(new Map(rows.map(({ id, client }) => [id, client])));
}, 120_000);
afterAll(() => channels?.close());

/** What a verdict is expected to be, in words that are compared. */
const expected = (row: Row, otherwise: Otherwise | undefined) => {
  if (otherwise) return 'rule' in otherwise ? otherwise : { stored: otherwise.stored };
  return row.rule
    ? { pointer: row.pointer ?? `/${row.property}`, rule: row.rule }
    : { stored: row.stored ? row.stored.value : row.value };
};

const json = (value: unknown) => JSON.stringify(value) ?? 'nothing';

/** What a verdict is not, though it should be; nothing when it is. */
function flaw(row: Row, verdict: Verdict, otherwise?: Otherwise): string | undefined {
  const wanted = expected(row, otherwise);
  if ('rule' in wanted) {
    const named = `${wanted.pointer} ${wanted.rule}`;
    if (verdict.accepted) return `is accepted, not refused by ${named}`;
    return verdict.refusals.includes(named) || verdict.refusals.includes(asPath(named))
      ? undefined
      : `is refused by ${verdict.refusals.join(', ') || verdict.error}, not by ${named}`;
  }
  if (!verdict.accepted) return `is refused by ${verdict.refusals.join(', ') || verdict.error}`;
  const stored = verdict.stored[row.property];
  return json(stored) === json(wanted.stored) ? undefined : `is stored as ${json(stored)}`;
}

/** A refusal tells the same everywhere, beyond what the table says of it. */
const agree = (one: Verdict, other: Verdict) =>
  one.accepted ||
  other.accepted ||
  json(one.refusals.map(asPath).sort()) === json(other.refusals.map(asPath).sort());

const brief = ({ what, value }: Row) => what ?? json(value).slice(0, 100);

/** One sentence for each value that a channel does not answer as it should. */
async function judge(
  property: string,
  ask: (row: Row) => Promise<Verdict> | Verdict,
  otherwise: (row: Row) => Otherwise | undefined,
  compare?: (row: Row) => Promise<Verdict>,
): Promise<string[]> {
  const found: string[] = [];
  for (const row of rows.filter(isFor(property))) {
    const verdict = await ask(row);
    const wrong = flaw(row, verdict, otherwise(row));
    if (wrong) found.push(`${brief(row)} ${wrong}`);
    if (!compare || otherwise(row)) continue;
    const like = await compare(row);
    if (!agree(verdict, like)) found.push(`${brief(row)}: ${json(verdict)} is not ${json(like)}`);
  }
  return found;
}

/** REST's answers, each asked for once. */
const answers = new Map<string, Promise<Verdict>>();
function rest(row: Row): Promise<Verdict> {
  const known = answers.get(row.id) ?? channels.rest(row.client);
  answers.set(row.id, known);
  return known;
}

const withoutType = ({ type: _, ...client }: Metadata) => client;

describe.each(clientProperties)('%s', (property) => {
  test('is asked about with right and wrong values', () => {
    const cases = rows.filter(isFor(property));
    expect(cases.some(({ rule }) => rule)).toBe(true);
    expect(cases.some(({ rule }) => !rule)).toBe(true);
  });

  test('is what the table says, through REST', async () => {
    expect(await judge(property, rest, () => undefined)).toEqual([]);
  });

  test('is the same in a file', async () => {
    const verdictOf = ({ id }: Row) => ofFile.get(id) as Verdict;
    expect(await judge(property, verdictOf, ({ file }) => file, rest)).toEqual([]);
  });

  if (registrable.has(property)) {
    test('is the same in a registration', async () => {
      const ask = async (row: Row) => {
        const verdict = await channels.registration(withoutType(row.client));
        if (verdict.accepted) return verdict;
        const only = verdict.refusals.every((one) => /^\/redirect_uris[/ ]/.test(one));
        const code = only ? 'invalid_redirect_uri' : 'invalid_client_metadata';
        return verdict.error === code ? verdict : { ...verdict, refusals: [`${verdict.error}`] };
      };
      expect(await judge(property, ask, ({ registration }) => registration, rest)).toEqual([]);
    });
  } else {
    test('is refused in a registration, whatever its value', async () => {
      expect(metaOf(property).by).toBe('administrator');
      const found: string[] = [];
      for (const row of rows.filter(isFor(property))) {
        const client = { ...withoutType(base), [property]: row.value };
        const verdict = await channels.registration(client);
        const refused = { accepted: false, error: 'invalid_client_metadata' };
        expect(verdict).toMatchObject({
          ...refused,
          refusals: [`/${property} administrator-only`],
        });
      }
      expect(found).toEqual([]);
    });
  }
});
