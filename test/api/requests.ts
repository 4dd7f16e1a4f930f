/** Requests to an API that its document allows, and others. */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { CALLBACK } from '../support/op.ts';
import { arbitraryOf, hostileBodies, hostileTexts, type Schema, spoiled } from './arbitraries.ts';

/** An operation of the document. */
export interface Route {
  name: string;
  method: string;
  path: string;
  operation: Schema;
}

const nameOf = ({ $ref }: Schema): string => $ref.split('/').at(-1);
export const resolved = (document: Schema, schema: Schema): Schema =>
  schema?.$ref ? document.components.schemas[nameOf(schema)] : schema;

/** A request as it is sent. */
export interface Sent {
  path: string;
  query: string;
  headers: Record<string, string>;
  body?: string;
}

const header = {
  ifMatch: fc.constantFrom('"1"', 'W/"1"', '*', '"999999999999999"', '1', '"x"', '""', '"1", "2"'),
  type: fc.constantFrom(
    'application/merge-patch+json',
    'application/json; charset=utf-16',
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'nonsense',
  ),
};

/** What only somebody who knows this server can say; the rest of a body is laid around it. */
const known = (own: Record<string, string>): Record<string, () => object> => ({
  ClientInput: () => ({ redirect_uris: [CALLBACK], type: 'web' }),
  ResourceInput: () => ({ identifier: own.identifier ?? `https://api.example/${randomUUID()}` }),
  RegistrationPolicyInput: () => ({ name: own.name ?? randomUUID() }),
  Restoration: () => ({ event: own.event }),
  ClientConversion: () => ({ changes: {} }),
});

/** Of bodies that a schema allows, half are such that the server can take them. */
const plausible = (name: string, schema: Schema, own: Record<string, string>) =>
  fc.tuple(arbitraryOf(schema), fc.boolean()).map(([value, sensible]) => {
    if (!sensible || typeof value !== 'object' || value === null) return value;
    const added = known(own)[name]?.() ?? {};
    return { ...value, ...added, ...('client_id' in value && { client_id: own.client_id }) };
  });

/** Mostly `usual`, now and then `other`. */
const mostly = <T>(usual: fc.Arbitrary<T>, other: fc.Arbitrary<T>, weight = 5) =>
  fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: other });

export const encoded = (value: unknown) => encodeURIComponent(String(value).toWellFormed());

/** Requests of a route. @param own the values of its parameters, of documents that exist */
export function requests(
  document: Schema,
  { path, operation }: Route,
  own: Record<string, string>,
) {
  const parameters: Schema[] = operation.parameters ?? [];
  const values = parameters
    .filter((one) => one.in === 'path')
    .map(({ name }) =>
      mostly(
        fc.constant(encoded(own[name])),
        fc.oneof(
          fc.constantFrom(...hostileTexts.filter(Boolean)).map(encoded),
          fc.constantFrom('%', '%ff', '%00', '%2e%2e%2f', '%2f', encoded(own[name]).toUpperCase()),
        ),
      ).map((value): [string, string] => [name, value]),
    );
  const queries = parameters
    .filter((one) => one.in === 'query')
    .map(({ name, schema }) =>
      mostly(arbitraryOf(schema), fc.constantFrom<unknown>(...hostileTexts), 3).map(
        (value) => `${name}=${encoded(value)}`,
      ),
    );
  const odd = fc.constantFrom(
    'x=1',
    'limit[$ne]=1',
    'after=a&after=b',
    '__proto__[a]=b',
    '%=%',
    '&&&',
  );
  const query = fc
    .tuple(
      queries.length > 0
        ? fc
            .tuple(...queries)
            .chain((all) => fc.subarray(all, { maxLength: Math.min(3, all.length) }))
        : fc.constant<string[]>([]),
      mostly(fc.constant(''), odd, 6),
    )
    .map(([some, more]) => [...some, more].filter(Boolean).join('&'));
  const reference = operation.requestBody?.content['application/json'].schema;
  const schema = resolved(document, reference);
  const body: fc.Arbitrary<string | undefined> = schema
    ? fc.oneof(
        {
          weight: 4,
          arbitrary: plausible(nameOf(reference), schema, own).map((value) =>
            JSON.stringify(value),
          ),
        },
        { weight: 5, arbitrary: spoiled(schema).map((value) => JSON.stringify(value)) },
        { weight: 1, arbitrary: fc.constantFrom(...hostileBodies) },
      )
    : fc.constant(undefined);
  const absent = fc.constant<string | undefined>(undefined);
  return fc
    .record({
      values: fc.tuple(...values),
      query,
      body,
      ifMatch: mostly<string | undefined>(absent, header.ifMatch, 6),
      type: mostly<string | undefined>(fc.constant('application/json'), header.type, 8),
    })
    .map(({ values, query, body, ifMatch, type }): Sent => {
      let filled = path;
      for (const [name, value] of values) filled = filled.replace(`{${name}}`, value);
      return {
        path: filled,
        query: query && `?${query}`,
        headers: {
          ...(ifMatch !== undefined && { 'if-match': ifMatch }),
          ...(body !== undefined && type !== undefined && { 'content-type': type }),
        },
        ...(body !== undefined && { body }),
      };
    });
}
