import { actPages } from '../forms/confirming.ts';
import { formPages } from '../forms/editing.ts';
import { amount, one } from '../forms/fields.ts';
import type { Page } from '../page.ts';
import type { PolicyView } from './policy.ts';

const topic = 'registration';
const scope = 'registration:write';
const back = () => '/registration';
const go = '/dashboard/registration';

const create = formPages({
  topic,
  scope,
  back,
  name: 'create_token',
  path: '/registration/tokens/new',
  fresh: true,
  async fields({ rest }) {
    const { items } = await rest.get<{ items: PolicyView[] }>('/registration-policies', {
      limit: '500',
    });
    return [
      { name: 'policy', kind: 'choice', options: items.map(({ name }) => name) },
      { name: 'uses', kind: 'line', type: 'number', required: true },
      { name: 'expires_in', kind: 'line', type: 'number', required: true },
    ];
  },
  values: () => ({ uses: ['1'], expires_in: ['86400'] }),
  async save({ rest }, values) {
    const { body } = await rest.call<{ token: string }>('POST', '/registration-tokens', {
      body: {
        policy: one(values, 'policy') ?? {},
        uses: amount(values, 'uses'),
        expires_in: amount(values, 'expires_in'),
      },
    });
    return { go, once: { registration_token: body.token } };
  },
});

const revoke = actPages({
  topic,
  scope,
  back,
  name: 'revoke_token',
  path: '/registration/tokens/:id/revoke',
  async act({ rest, params }) {
    await rest.call('DELETE', `/registration-tokens/${encodeURIComponent(params.id ?? '')}`);
    return { go, flash: { key: 'registration.token_revoked' } };
  },
});

export const tokenPages: readonly Page[] = [...create, ...revoke];
