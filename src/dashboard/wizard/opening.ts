/**
 * Which API a new service may call. A resource says which clients may ask for which of its scopes, so
 * a service without one gets tokens for nothing: the wizard opens one to it, after it was created.
 */
import type { Visit } from '../page.ts';
import { Refused } from '../rest.ts';

interface ResourceView {
  id: string;
  identifier: string;
  name?: string;
  scopes: { name: string; description?: string }[];
  access: { client_id: string; scopes: string[] }[];
}

/** What the form offers, and what was chosen. */
export interface Opening {
  resources: { id: string; title: string; chosen: boolean }[];
  /** There are more than are offered. */
  more: boolean;
  chosen?: Chosen;
}

export interface Chosen {
  id: string;
  title: string;
  scopes: { value: string; name: string; description?: string; chosen: boolean }[];
  /** None of its scopes was chosen although it has some: they are asked for next. */
  missing: boolean;
}

const OFFERED = 100;

/** The scopes of the REST API open no more to others than the person has. */
const offered = ({ issuer, may }: Visit, { identifier, scopes }: ResourceView) =>
  identifier === `${issuer}/api/v1` ? scopes.filter(({ name }) => may(name)) : scopes;

/** Undefined where nothing can be opened: of other types, by who may not, where no API is registered. */
export async function openingOf(visit: Visit, type: string): Promise<Opening | undefined> {
  const { form, may, rest } = visit;
  if (type !== 'server-to-server' || !may('resources:read') || !may('resources:write')) return;
  const { items, next } = await rest.get<{ items: ResourceView[]; next?: string }>('/resources', {
    limit: String(OFFERED),
  });
  const wanted = items.find(({ id }) => id === form.get('resource'));
  const title = ({ name, identifier }: ResourceView) => name ?? identifier;
  const opening: Opening = {
    resources: items.map((one) => ({ id: one.id, title: title(one), chosen: one === wanted })),
    more: next !== undefined,
  };
  if (!wanted) return opening;
  const ticked = new Set(form.getAll('scope'));
  const scopes = offered(visit, wanted).map((scope) => {
    // With the id: after another API was chosen, a scope of the same name is another one.
    const value = `${wanted.id} ${scope.name}`;
    return { ...scope, value, chosen: ticked.has(value) };
  });
  const missing = scopes.length > 0 && !scopes.some(({ chosen }) => chosen);
  return { ...opening, chosen: { id: wanted.id, title: title(wanted), scopes, missing } };
}

/** Another writer was first; then it is read again. */
const ATTEMPTS = 3;

/** Opens what was chosen to a client. @throws {Refused} when it cannot be, after which nothing has changed */
export async function open({ rest }: Visit, { id, scopes }: Chosen, client_id: string) {
  const path = `/resources/${encodeURIComponent(id)}`;
  const names = scopes.filter(({ chosen }) => chosen).map(({ name }) => name);
  for (let attempt = 1; ; attempt += 1) {
    const { body, version } = await rest.call<ResourceView>('GET', path);
    const access = [...body.access, { client_id, scopes: names }];
    try {
      await rest.call('PATCH', path, { body: { access }, version });
      return;
    } catch (error) {
      const raced = error instanceof Refused && error.status === 412;
      if (!raced || attempt === ATTEMPTS) throw error;
    }
  }
}
