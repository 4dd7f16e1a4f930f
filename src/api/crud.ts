import type { Entry, Page } from '../store/store.ts';
import { mergePatch } from './merge-patch.ts';
import { PageQuery, pageOf } from './representation.ts';
import type { Call, Named, Reply, Route } from './route.ts';

/** A written document, and what is said this once. */
export interface Saved<T> {
  entry: Entry<T>;
  secret?: string;
}

/** A kind of document that the API lists, creates, reads, changes and deletes. */
export interface Kind<T> {
  /** Plural, the first part of the path and of the scopes. */
  plural: string;
  singular: string;
  /** The name of the id in paths. */
  id: string;
  view: Named;
  input: Named;
  patch: Named;
  /** `secret` goes out only in the answer to the write that made it. */
  show(entry: Entry<T>, secret?: string): unknown;
  /** A caller's document without what only the server says. */
  writable(input: unknown): unknown;
  list(query: { limit?: number; after?: string }): Promise<Page<T>>;
  get(id: string): Promise<Entry<T>>;
  create(input: unknown): Promise<Saved<T>>;
  replace(id: string, input: unknown, version: number | undefined): Promise<Saved<T>>;
  delete(id: string): Promise<void>;
}

/** The six routes of a kind of document. */
export function crudRoutes<T>(kind: Kind<T>): Route[] {
  const { plural, singular, view, input, patch } = kind;
  const one = `/${plural}/{${kind.id}}`;
  const idOf = (call: Call) => call.params[kind.id] as string;
  const reply = ({ entry, secret }: Saved<T>): Reply => ({
    body: kind.show(entry, secret),
    version: entry.version,
  });
  const read = { tag: plural, scope: `${plural}:read`, status: 200, response: view } as const;
  const write = { ...read, scope: `${plural}:write` } as const;

  return [
    {
      ...read,
      method: 'get',
      path: `/${plural}`,
      summary: `List ${plural}`,
      query: PageQuery,
      response: pageOf(view),
      handle: async ({ query }) => {
        const page = await kind.list(query);
        return {
          body: {
            items: page.entries.map((entry) => kind.show(entry)),
            ...(page.next !== undefined && { next: page.next }),
          },
        };
      },
    },
    {
      ...write,
      method: 'post',
      path: `/${plural}`,
      summary: `Create a ${singular}`,
      body: input,
      status: 201,
      handle: async ({ body }) => {
        const saved = await kind.create(body);
        return {
          ...reply(saved),
          location: `/api/v1/${plural}/${encodeURIComponent(saved.entry.id)}`,
        };
      },
    },
    {
      ...read,
      method: 'get',
      path: one,
      summary: `Read a ${singular}`,
      handle: async (call) => reply({ entry: await kind.get(idOf(call)) }),
    },
    {
      ...write,
      method: 'put',
      path: one,
      summary: `Replace a ${singular}`,
      body: input,
      handle: async (call) =>
        reply(await kind.replace(idOf(call), kind.writable(call.body), call.version)),
    },
    {
      ...write,
      method: 'patch',
      path: one,
      summary: `Change a ${singular} by JSON merge patch (RFC 7396)`,
      body: patch,
      handle: async (call) => {
        const before = await kind.get(idOf(call));
        const merged = mergePatch(kind.writable(kind.show(before)), kind.writable(call.body));
        // Without If-Match, a change between this read and the write must not be lost either.
        return reply(await kind.replace(idOf(call), merged, call.version ?? before.version));
      },
    },
    {
      tag: plural,
      scope: `${plural}:write`,
      method: 'delete',
      path: one,
      summary: `Delete a ${singular}`,
      status: 204,
      handle: async (call) => {
        await kind.delete(idOf(call));
        return {};
      },
    },
  ];
}
