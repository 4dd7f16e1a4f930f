import { z } from 'zod';
import type { Failure } from '../oidc/failures/failures.ts';
import type { Entry } from '../store/store.ts';
import type { ApiParts } from './api.ts';
import { named, PageQuery, pageOf } from './representation.ts';
import type { Route } from './route.ts';

const FailureReason = z.strictObject({
  code: z.string().describe('Such as redirect_uri'),
  case: z
    .string()
    .optional()
    .describe(
      'Which sentence `detail` and `fix` are; with `values`, to say it in another language',
    ),
  detail: z.string().describe('What is wrong'),
  fix: z.string().describe('What to do about it'),
  values: z.record(z.string(), z.string()).optional(),
  about: z.string().optional().describe('The property or parameter that it is about'),
  sent: z.string().optional(),
  registered: z.array(z.string()).optional().describe('In its place, the likeliest first'),
  more: z.number().int().optional().describe('How many more are registered'),
  differs: z
    .array(z.string())
    .optional()
    .describe('Where the sent value differs from the first registered one'),
});

const FailureView = named(
  'Failure',
  z.strictObject({
    id: z.string().describe('The correlation id that the error page and the log show'),
    at: z.iso.datetime(),
    client_id: z.string().optional().describe('As it was presented'),
    client_name: z.string().optional().describe('Of the client with that id, as it is now'),
    endpoint: z.string().describe('Such as authorization or token'),
    error: z.string(),
    error_description: z.string().optional(),
    detail: z.string().optional().describe('What the client was not told'),
    method: z.string().optional().describe('How the client authenticated itself'),
    reason: FailureReason,
  }),
);

const FailuresQuery = PageQuery.extend({
  client_id: z.string().min(1).max(256).optional(),
  id: z.string().min(1).max(100).optional().describe('The correlation id of an error page'),
});

/** What was refused, by client or by the id that an error page showed. */
export function failureRoutes({ clients, failures }: ApiParts): Route[] {
  async function show({ value }: Entry<Failure>) {
    const { at, request, scope: _, ...shown } = value;
    const client = shown.client_id === undefined ? undefined : await clients.find(shown.client_id);
    const name = client?.metadata.client_name;
    return {
      ...shown,
      ...(name !== undefined && { client_name: name }),
      id: request,
      at: new Date(at).toISOString(),
    };
  }

  return [
    {
      method: 'get',
      path: '/failures',
      summary: 'List what was refused to clients and why, newest first',
      tag: 'failures',
      scope: 'clients:read',
      status: 200,
      query: FailuresQuery,
      response: pageOf(FailureView),
      handle: async ({ query }) => {
        const { entries, next } = await failures.list(query);
        const items = await Promise.all(entries.map(show));
        return { body: { items, ...(next !== undefined && { next }) } };
      },
    },
  ];
}
