import { z } from 'zod';
import type { Client } from '../clients/client.ts';
import { clientProperties } from '../clients/metadata.ts';
import { Problem } from '../lib/problem.ts';
import type { ApiParts } from './api.ts';
import { EventView, eventView } from './audit.ts';
import { ClientView } from './client-view.ts';
import { parsed } from './clients.ts';
import type { Kind } from './crud.ts';
import { named, PageQuery, pageOf } from './representation.ts';
import type { Route } from './route.ts';

const Restoration = named(
  'Restoration',
  z.strictObject({
    event: z.string().min(1).max(64).describe('The id of an event of this client'),
  }),
);

const target = (clientId: string) => `client:${clientId}`;

/**
 * A client's metadata as they were after an event.
 * @throws {Problem} `not_found`
 */
export async function metadataAfter(
  audit: ApiParts['audit'],
  clientId: string,
  eventId: string,
): Promise<Record<string, unknown>> {
  const event = await audit.get(eventId);
  if (event?.target !== target(clientId) || typeof event.document !== 'object') {
    throw new Problem('not_found', 'The client has no such event to go back to.');
  }
  const document = event.document as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(document).filter(([name]) => clientProperties.some((own) => own === name)),
  );
}

/** A client's past: what was changed, and the way back. */
export function historyRoutes({ clients, audit }: ApiParts, client: Kind<Client>): Route[] {
  return [
    {
      method: 'get',
      path: '/clients/{client_id}/history',
      summary: 'List the changes of a client, newest first',
      tag: 'clients',
      scope: 'clients:read',
      status: 200,
      query: PageQuery,
      response: pageOf(EventView),
      handle: async ({ params, query }) => {
        // That of a deleted client can still be read: it is the way to make it again.
        const page = await audit.list({ ...query, target: target(params.client_id as string) });
        return {
          body: {
            items: page.entries.map(eventView),
            ...(page.next !== undefined && { next: page.next }),
          },
        };
      },
    },
    {
      method: 'post',
      path: '/clients/{client_id}/restore',
      summary: 'Make the metadata what it was after an event; secrets stay as they are',
      tag: 'clients',
      scope: 'clients:write',
      status: 200,
      body: Restoration,
      response: ClientView,
      handle: async ({ params, body, actor, version }) => {
        const clientId = params.client_id as string;
        const { event: id } = parsed(Restoration, body) as { event: string };
        const metadata = await metadataAfter(audit, clientId, id);
        const { entry, secret } = await clients.replace(clientId, metadata, actor, version);
        return { body: await client.show(entry, secret), version: entry.version };
      },
    },
  ];
}
