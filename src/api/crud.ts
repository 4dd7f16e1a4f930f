import type { z } from 'zod';
import type { Actor } from '../audit/audit.ts';
import { mergePatch } from '../lib/merge-patch.ts';
import { Problem } from '../lib/problem.ts';
import type { Entry, Page } from '../store/store.ts';
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
  /** The same in a list, where it costs a look elsewhere only when the query asks for that. */
  showListed?(entry: Entry<T>, query: Call['query']): unknown;
  /** A caller's document without what only the server says. */
  writable(input: unknown): unknown;
  /** A patch with what follows from it; absent: nothing does. */
  complete?(before: T, patch: unknown): unknown;
  /** What a list can be asked for; pages alone when absent. */
  query?: z.ZodObject;
  list(query: { limit?: number; after?: string }): Promise<Page<T>>;
  get(id: string): Promise<Entry<T>>;
  create(input: unknown, actor: Actor): Promise<Saved<T>>;
  replace(id: string, input: unknown, actor: Actor, version: number | undefined): Promise<Saved<T>>;
  delete(id: string, actor: Actor): Promise<void>;
}

/** The six routes of a kind of document. */
export function crudRoutes<T>(kind: Kind<T>): Route[] {
  const { plural, singular, view, input, patch } = kind;
  const one = `/${plural}/{${kind.id}}`;
  const idOf = (call: Call) => call.params[kind.id] as string;
  const reply = async ({ entry, secret }: Saved<T>): Promise<Reply> => ({
    body: await kind.show(entry, secret),
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
      query: kind.query ?? PageQuery,
      response: pageOf(view),
      handle: async ({ query }) => {
        const page = await kind.list(query);
        return {
          body: {
            items: await Promise.all(
              page.entries.map((entry) =>
                kind.showListed ? kind.showListed(entry, query) : kind.show(entry),
              ),
            ),
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
      handle: async ({ body, actor }) => {
        const saved = await kind.create(body, actor);
        return {
          ...(await reply(saved)),
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
        reply(await kind.replace(idOf(call), kind.writable(call.body), call.actor, call.version)),
    },
    {
      ...write,
      method: 'patch',
      path: one,
      summary: `Change a ${singular} by JSON merge patch (RFC 7396)`,
      body: patch,
      handle: async (call) => {
        const before = await kind.get(idOf(call));
        const patch = kind.writable(call.body);
        const whole = kind.complete ? kind.complete(before.value, patch) : patch;
        const shown = kind.writable(await kind.show(before));
        const merged = mergePatch(shown, whole);
        // Without If-Match, a change between this read and the write must not be lost either.
        const version = call.version ?? before.version;
        return reply(await kind.replace(idOf(call), merged, call.actor, version));
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
        const { version } = call;
        if (version !== undefined && version !== (await kind.get(idOf(call))).version) {
          throw new Problem('precondition_failed', `The ${singular} was changed; read it again.`);
        }
        await kind.delete(idOf(call), call.actor);
        return {};
      },
    },
  ];
}
