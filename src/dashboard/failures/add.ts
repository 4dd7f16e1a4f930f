import { differing } from '../../oidc/failures/redirect-uri.ts';
import type { Page, View, Visit } from '../page.ts';
import { Refused } from '../rest.ts';
import { type Failure, shown } from './failure.ts';

interface Client {
  client_id: string;
  client_name?: string;
  type: string;
  redirect_uris?: string[];
}

const at = ({ params }: Visit) => `/clients/${encodeURIComponent(params.id ?? '')}`;

/** The redirect URI that a recorded failure of this client names: never one that a link brings. */
async function sentIn(visit: Visit, request: string): Promise<string | undefined> {
  const { items } = await visit.rest.get<{ items: Failure[] }>('/failures', {
    client_id: visit.params.id,
    id: request,
  });
  return items.map((failure) => shown(failure)).find((failure) => failure.addable)?.reason.sent;
}

async function show(visit: Visit, request: string, refused?: Refused): Promise<View> {
  const [sent, { body: client, version }] = await Promise.all([
    sentIn(visit, request),
    visit.rest.call<Client>('GET', at(visit)),
  ]);
  const registered = client.redirect_uris ?? [];
  return {
    view: 'failures/add',
    ...(refused && { status: refused.status }),
    model: {
      client,
      version,
      request,
      sent,
      known: sent !== undefined && registered.includes(sent),
      registered: registered.map((uri) => ({ uri, differs: sent ? differing(sent, uri) : [] })),
      stale: refused?.code === 'precondition_failed',
      ...(refused && { code: refused.code, detail: refused.message, errors: refused.errors }),
    },
  };
}

const path = '/clients/:id/failures/:request/add';

/** Registers the redirect URI that was refused, after showing what it would stand beside. */
export const addPages: readonly Page[] = [
  {
    method: 'get',
    path,
    scope: 'clients:write',
    handle: (visit) => show(visit, visit.params.request ?? ''),
  },
  {
    method: 'post',
    path,
    scope: 'clients:write',
    async handle(visit) {
      const request = visit.params.request ?? '';
      const sent = await sentIn(visit, request);
      const version = Number(visit.form.get('version'));
      if (sent === undefined || !Number.isSafeInteger(version)) return show(visit, request);
      const { redirect_uris = [] } = await visit.rest.get<Client>(at(visit));
      const body = { redirect_uris: [...new Set([...redirect_uris, sent])] };
      try {
        await visit.rest.call('PATCH', at(visit), { body, version });
      } catch (error) {
        if (error instanceof Refused && error.status < 500) return show(visit, request, error);
        throw error;
      }
      return { go: `/dashboard${at(visit)}/failures`, flash: { key: 'failures.added' } };
    },
  },
];
