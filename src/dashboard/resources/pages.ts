import { actPages } from '../forms/confirming.ts';
import { formPages } from '../forms/editing.ts';
import type { Page, Visit } from '../page.ts';
import {
  emptyResource,
  type ResourceView,
  resourceFields,
  resourceInput,
  resourcePatch,
  resourceValues,
} from './resource.ts';

const topic = 'resources';
const scope = 'resources:write';
const at = ({ params }: Visit) => `/resources/${encodeURIComponent(params.id ?? '')}`;

const list: Page = {
  method: 'get',
  path: '/resources',
  scope: 'resources:read',
  async handle({ rest, query }) {
    const { items, next } = await rest.get<{ items: ResourceView[]; next?: string }>('/resources', {
      limit: '50',
      after: query.get('after') ?? undefined,
    });
    const more = next && `?${new URLSearchParams({ after: next })}`;
    return { view: 'resources/list', model: { items, more } };
  },
};

/** Clients that are shown with what they may do, and scopes of each; the form and the API have all. */
const CLIENTS = 100;
const SCOPES = 12;

const detail: Page = {
  method: 'get',
  path: '/resources/:id',
  scope: 'resources:read',
  async handle(visit) {
    const resource = await visit.rest.get<ResourceView>(at(visit));
    const { access } = resource;
    return {
      view: 'resources/detail',
      model: {
        resource,
        access: access.slice(0, CLIENTS).map(({ client_id, scopes }) => ({
          client_id,
          scopes: scopes.slice(0, SCOPES),
          more: Math.max(0, scopes.length - SCOPES),
        })),
        more: Math.max(0, access.length - CLIENTS),
      },
    };
  },
};

const create = formPages<ResourceView>({
  topic,
  scope,
  name: 'create',
  path: '/resources/new',
  fields: () => resourceFields,
  values: () => emptyResource,
  back: () => '/resources',
  async save({ rest }, values) {
    const body = resourceInput(values);
    const { body: made } = await rest.call<ResourceView>('POST', '/resources', { body });
    return { go: `/dashboard/resources/${made.id}`, flash: { key: 'resources.created' } };
  },
});

const edit = formPages<ResourceView>({
  topic,
  scope,
  at,
  name: 'edit',
  path: '/resources/:id/edit',
  fields: () => resourceFields,
  values: (resource) => (resource ? resourceValues(resource) : emptyResource),
  called: ({ name, identifier }) => name ?? identifier,
  back: at,
  async save(visit, values, version) {
    await visit.rest.call('PATCH', at(visit), { body: resourcePatch(values), version });
    return { go: `/dashboard${at(visit)}`, flash: { key: 'resources.saved' } };
  },
});

const remove = actPages({
  topic,
  scope,
  name: 'delete',
  path: '/resources/:id/delete',
  fresh: true,
  subject: async (visit) => (await visit.rest.get<ResourceView>(at(visit))).identifier,
  back: at,
  async act(visit) {
    await visit.rest.call('DELETE', at(visit));
    return { go: '/dashboard/resources', flash: { key: 'resources.deleted' } };
  },
});

/** `/resources/new` comes before the address of a resource. */
export const resourcePages: readonly Page[] = [list, ...create, detail, ...edit, ...remove];
