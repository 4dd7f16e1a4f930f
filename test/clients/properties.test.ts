/**
 * Every property of a client, with right values, the last that is right and the first that is wrong,
 * and hostile ones, through REST, registration and files: the same answer from all that may set it.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  AssignedMetadata,
  ClientMetadata,
  clientProperties,
  metaOf,
  registrable,
} from '../../src/clients/metadata.ts';
import { asPath, type Channels, type Metadata, openChannels, type Verdict } from './channels.ts';
import { base, service } from './contexts.ts';
import { type Answered, beyond } from './foreign-values.ts';
import { makeTableKeys } from './key-values.ts';
import { propertyCases } from './property-values.ts';
import type { Case, Otherwise } from './value.ts';

interface Row extends Case {
  property: string;
  id: string;
  client: Metadata;
}

let channels: Channels;
let listed: string[];
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
  listed = Object.keys(table);
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

/** Where both refuse, for the same reasons; where both accept, the same client is stored. */
function agree(one: Verdict, other: Verdict, properties: Iterable<string>): boolean {
  if (one.accepted && other.accepted) {
    return [...properties].every((name) => json(one.stored[name]) === json(other.stored[name]));
  }
  if (one.accepted || other.accepted) return false;
  return json(one.refusals.map(asPath).sort()) === json(other.refusals.map(asPath).sort());
}

const brief = ({ what, value }: Row) => what ?? json(value).slice(0, 100);

/** REST's answers, each asked for once. */
const answers = new Map<string, Promise<Verdict>>();
function rest(row: Row): Promise<Verdict> {
  const known = answers.get(row.id) ?? channels.rest(row.client);
  answers.set(row.id, known);
  return known;
}

/**
 * One sentence for each value that a channel does not answer as it should.
 * @param properties what must be stored alike through REST; it is not compared when absent
 */
async function judge(
  property: string,
  ask: (row: Row) => Promise<Verdict> | Verdict,
  otherwise: (row: Row) => Otherwise | undefined,
  properties?: Iterable<string>,
): Promise<string[]> {
  const found: string[] = [];
  for (const row of rows.filter(isFor(property))) {
    const verdict = await ask(row);
    const wrong = flaw(row, verdict, otherwise(row));
    if (wrong) found.push(`${brief(row)} ${wrong}`);
    if (!properties || otherwise(row)) continue;
    const like = await rest(row);
    if (agree(verdict, like, properties)) continue;
    found.push(`${brief(row)}: ${json(verdict)}, and through REST ${json(like)}`);
  }
  return found;
}

const withoutType = ({ type: _, ...client }: Metadata) => client;

test('every property is in the table, and nothing else', () => {
  expect(listed.sort()).toEqual([...clientProperties].sort());
});

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
    expect(await judge(property, verdictOf, ({ file }) => file, clientProperties)).toEqual([]);
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
      expect(await judge(property, ask, ({ registration }) => registration, registrable)).toEqual(
        [],
      );
    });
  } else {
    test('is refused in a registration, whatever its value', async () => {
      expect(metaOf(property).by).toBe('administrator');
      for (const row of rows.filter(isFor(property))) {
        const client = { ...withoutType(base), [property]: row.value };
        expect(await channels.registration(client)).toEqual({
          accepted: false,
          refusals: [`/${property} administrator-only`],
          error: 'invalid_client_metadata',
        });
      }
    });
  }
});

test('a client with the most of everything is taken through all three', async () => {
  const size = ({ value }: Row) => json(value).length;
  const greatest = (property: string) =>
    rows
      .filter((row) => isFor(property)(row) && !row.rule && !row.context)
      .sort((one, other) => size(other) - size(one))[0]?.value;
  const most = [
    ...['redirect_uris', 'post_logout_redirect_uris', 'jwks', 'scope', 'contacts', 'client_name'],
    ...['client_uri', 'logo_uri', 'policy_uri', 'tos_uri', 'software_id', 'backchannel_logout_uri'],
  ].map((property) => [property, greatest(property)] as const);
  const client = { ...base, ...Object.fromEntries(most) };
  for (const verdict of [
    await channels.rest(client),
    await channels.registration(withoutType(client)),
    (await channels.file(new Map([['the-most', client]]))).get('the-most'),
  ]) {
    expect(verdict).toMatchObject({ accepted: true, stored: Object.fromEntries(most) });
  }
});

describe('what is no property, or one that nobody sets', () => {
  test('is asked about as far as the server assigns it', () => {
    const names = beyond.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(Object.keys(AssignedMetadata.shape)));
  });

  test.each(beyond)('is answered everywhere as it is meant to be: $name', async (row) => {
    const { name, value } = row;
    const client = Object.fromEntries([...Object.entries(base), [name, value]]);
    const answered = (verdict: Verdict): Answered => {
      if (!verdict.accepted) return verdict.refusals.join(', ') as Answered;
      const { stored } = verdict;
      if (Object.hasOwn(stored, name) && json(stored[name]) === json(value)) return 'taken';
      return stored.disabled ? 'taken' : 'ignored';
    };
    const id = `beyond-${beyond.indexOf(row)}`;
    expect({
      rest: answered(await channels.rest(client)),
      file: answered((await channels.file(new Map([[id, client]]))).get(id) as Verdict),
      registration: answered(await channels.registration(withoutType(client))),
    }).toEqual({ rest: row.rest, file: row.file, registration: row.registration });
    expect(({} as Record<string, unknown>).disabled).toBeUndefined();
  });
});
