/** What of a client can be tried, and what the form to begin with offers. */
import { CIBA, DEVICE_CODE } from '../../clients/values.ts';
import type { Rest } from '../rest.ts';
import { SCOPE } from '../wizard/code/facts.ts';
import { canAct } from './credentials.ts';
import { allows, type Registered } from './registered.ts';
import type { Try } from './try.ts';

export type Flow = Try['flow'];

interface Resources {
  items: { identifier: string; access: { client_id: string; scopes: string[] }[] }[];
}

export interface Api {
  identifier: string;
  scopes: string[];
}

const fits: Readonly<Record<Flow, (client: Registered) => boolean>> = {
  people: (client) =>
    (allows(client, 'authorization_code') || allows(client, 'implicit')) &&
    (client.redirect_uris ?? []).length > 0,
  service: (client) => allows(client, 'client_credentials'),
  device: (client) => allows(client, DEVICE_CODE),
  ciba: (client) => allows(client, CIBA),
};

/** The ways in which a client can begin, by its grants. */
export const flowsOf = (client: Registered): Flow[] =>
  (Object.keys(fits) as Flow[]).filter((flow) => fits[flow](client));

/** The APIs that the client may call. */
export async function apisOf(rest: Rest, clientId: string): Promise<Api[]> {
  const { items } = await rest.get<Resources>('/resources', { limit: '100' });
  return items.flatMap(({ identifier, access }) => {
    const open = access.filter((rule) => [clientId, '*'].includes(rule.client_id));
    const scopes = [...new Set(open.flatMap((rule) => rule.scopes))];
    return open.length > 0 ? [{ identifier, scopes }] : [];
  });
}

/** Modes that end on a page of another window, where nobody waits. */
const isMessage = (mode: string) => mode.startsWith('web_message');

const MODES = ['query', 'fragment', 'form_post', 'jwt'];

/** What people are asked for in the client's name, as far as it may. */
function scopeOf({ scope }: Registered): string {
  const allowed = scope?.split(' ');
  return SCOPE.split(' ')
    .filter((name) => allowed?.includes(name) ?? true)
    .join(' ');
}

export interface Offer {
  flow: Flow;
  scope: string;
  apis: string[];
  redirectUris: string[];
  responseTypes: string[];
  responseModes: string[];
}

/** @param apis first of them is what a service asks for unless it is told otherwise */
export function offersOf(client: Registered, apis: readonly Api[]): Offer[] {
  if (!canAct(client) || client.disabled) return [];
  return flowsOf(client).map((flow) => ({
    flow,
    scope: flow === 'service' ? (apis[0]?.scopes.join(' ') ?? '') : scopeOf(client),
    apis: apis.map(({ identifier }) => identifier),
    redirectUris: client.redirect_uris ?? [],
    responseTypes: (client.response_types ?? []).filter((type) => type !== 'none'),
    responseModes: (client.response_modes ?? MODES).filter((mode) => !isMessage(mode)),
  }));
}

/** Why nothing can be tried from here, as a text below `dashboard.try.cannot`; undefined when it can. */
export function reasonAgainst(client: Registered): string | undefined {
  if (client.disabled) return 'disabled';
  if (flowsOf(client).length === 0) return 'grants';
  return canAct(client) ? undefined : 'method';
}
