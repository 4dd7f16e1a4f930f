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

/** An API that the client may call, the first of them: what its tokens are for. */
async function targetOf(rest: Rest, client_id: string): Promise<Target | undefined> {
  const { items } = await rest.get<Resources>('/resources', { limit: '100' });
  for (const { identifier, access } of items) {
    const open = access.filter((rule) => [client_id, '*'].includes(rule.client_id));
    if (open.length === 0) continue;
    return { identifier, scopes: [...new Set(open.flatMap(({ scopes }) => scopes))] };
  }
  return undefined;
}

/** A client's values and code; once after its creation, with the secret. */
export const codePage: Page = {
  method: 'get',
  path: '/clients/:id/code',
  scope: 'clients:read',
  async handle({ params, rest, issuer, session, may }) {
    const { id = '' } = params;
    const client = await rest.get<Registered>(`/clients/${encodeURIComponent(id)}`);
    const { client_id, type, redirect_uris = [] } = client;
    const service = type === 'server-to-server';
    const target = service && may('resources:read') ? await targetOf(rest, client_id) : undefined;
    const created = session.once?.created === client_id;
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
        ...(created && { secret: session.once?.client_secret }),
        discovery: `${issuer}/.well-known/openid-configuration`,
        samples: samplesOf(facts),
      },
    };
  },
};
