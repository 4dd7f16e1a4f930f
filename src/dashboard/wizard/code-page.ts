import type { Page } from '../page.ts';
import type { Rest } from '../rest.ts';
import type { Registered, Target } from './code/facts.ts';
import { samplesOf } from './code/samples.ts';

interface Resources {
  items: {
    identifier: string;
    access: { client_id: string; scopes: string[] }[];
  }[];
}

/** What its tokens are for: an API that is open to it by name, else one that is open to all. */
async function targetOf(rest: Rest, client_id: string): Promise<Target | undefined> {
  const { items } = await rest.get<Resources>('/resources', { limit: '500' });
  for (const name of [client_id, '*']) {
    const found = items.find(({ access }) => access.some((rule) => rule.client_id === name));
    if (!found) continue;
    const open = found.access.filter((rule) => [client_id, '*'].includes(rule.client_id));
    const scopes = [...new Set(open.flatMap((rule) => rule.scopes))];
    return { identifier: found.identifier, scopes };
  }
  return undefined;
}

/** A client's values and code; once after its creation, with the secret. */
export const codePage: Page = {
  method: 'get',
  path: '/clients/:id/code',
  scope: 'clients:read',
  async handle({ params, rest, issuer, once, may }) {
    const { id = '' } = params;
    const client = await rest.get<Registered>(`/clients/${encodeURIComponent(id)}`);
    const { client_id, type, redirect_uris = [] } = client;
    const service = type === 'server-to-server';
    const target = service && may('resources:read') ? await targetOf(rest, client_id) : undefined;
    const created = once.created === client_id;
    const facts = {
      issuer,
      client,
      redirectUri: redirect_uris[0] ?? '',
      ...(target && { target }),
    };
    return {
      view: 'wizard/code',
      model: {
        client,
        created,
        service,
        target,
        ...(created && { secret: once.client_secret }),
        discovery: `${issuer}/.well-known/openid-configuration`,
        samples: samplesOf(facts),
      },
    };
  },
};
