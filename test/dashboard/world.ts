/** A server that has something of everything, named as badly as the server lets strangers name it. */
import { authorizeUrl, obtainCode, redeem } from '../flows/requests.ts';
import { CALLBACK, type Op } from '../support/op.ts';

/** Markup, an attribute's end, a template, and no place to break a line; as long as a name may be. */
export const HOSTILE = `<img src=x onerror=alert(1)>"'{{7*7}}${'W'.repeat(27)}`;

export interface World {
  account: string;
  client: string;
  secret: string;
  event: string;
  failure: string;
  policy: string;
  token: string;
  resource: string;
  session: string;
}

export async function makeWorld(op: Op): Promise<World> {
  const account = await op.createAccount({ name: HOSTILE, roles: ['viewer'] });
  const client = await op.createClient({
    client_name: HOSTILE,
    description: HOSTILE,
    tags: ['W'.repeat(32), 'prod'],
    contacts: [`${'w'.repeat(60)}@example.com`],
    first_party: false,
    redirect_uris: [CALLBACK, `https://rp.example/${'w'.repeat(300)}`],
    extra_metadata: { [HOSTILE]: HOSTILE.repeat(4) },
  });
  const path = `/clients/${client.client_id}`;
  const make = async (at: string, body: object, method = 'POST') => {
    const made = await op.admin(at, { method, body });
    if (made.status > 201) throw new Error(`${method} ${at}: ${JSON.stringify(made.body)}`);
    return made.body;
  };
  await make(path, { policy_uri: `https://rp.example/${'p'.repeat(200)}` }, 'PATCH');
  await make(`${path}/secrets`, { name: HOSTILE });
  await redeem(op, client, await obtainCode(op, client, account));
  const refused = await op.get(
    authorizeUrl(op, client, { redirect_uri: `${CALLBACK}/` }).slice(op.issuer.length),
  );
  const resource = await op.createResource({
    name: HOSTILE,
    scopes: [{ name: `read:${'w'.repeat(60)}`, description: HOSTILE }],
    access: [{ client_id: client.client_id, scopes: [] }],
  });
  const policy = `partners-${'w'.repeat(40)}`;
  await make('/registration-policies', { name: policy, redirect_domains: ['rp.example'] });
  const token = await make('/registration-tokens', { policy, uses: 1, expires_in: 3600 });
  const [{ body: shown }, { body: history }, { body: sessions }] = await Promise.all([
    op.admin(path),
    op.admin(`${path}/history`),
    op.admin(`/sessions?account=${account.id}`),
  ]);
  return {
    account: account.id,
    client: client.client_id,
    secret: shown.secrets[0].id,
    event: history.items.at(-1).id,
    failure: refused.headers.get('x-correlation-id') ?? '',
    policy,
    token: token.id,
    resource: resource.id,
    session: sessions.items[0].id,
  };
}
