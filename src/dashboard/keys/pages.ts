import { keyAlgs, signingAlgs } from '../../clients/values.ts';
import { actPages } from '../forms/confirming.ts';
import { on, one } from '../forms/fields.ts';
import type { Page } from '../page.ts';

interface KeyView {
  kid: string;
  alg: string;
  state: 'published' | 'active' | 'retired';
  created_at: number;
  active_at: number;
  retired_at?: number;
  gone_at?: number;
}

const signs: ReadonlySet<string> = new Set(signingAlgs);
const kinds = { published: 'warn', active: 'good', retired: 'plain' } as const;

/** What there is of each algorithm, and until when. `use` as RFC 7517, section 4.2 says it. */
const list: Page = {
  method: 'get',
  path: '/keys',
  scope: 'keys:read',
  async handle({ rest }) {
    const { items } = await rest.get<{ items: KeyView[] }>('/keys');
    const keys = items
      .map((key) => ({ ...key, use: signs.has(key.alg) ? 'sig' : 'enc', kind: kinds[key.state] }))
      .toSorted((a, b) => b.use.localeCompare(a.use) || a.alg.localeCompare(b.alg));
    return { view: 'keys/list', model: { keys } };
  },
};

const rotate = actPages({
  topic: 'keys',
  name: 'rotate',
  path: '/keys/rotate',
  scope: 'keys:write',
  fresh: true,
  fields: [
    { name: 'alg', kind: 'choice', options: keyAlgs },
    { name: 'at_once', kind: 'switch' },
  ],
  back: () => '/keys',
  async act({ rest }, values) {
    const alg = one(values, 'alg');
    const at_once = on(values, 'at_once');
    await rest.call('POST', '/keys/rotate', { body: { ...(alg && { alg }), at_once } });
    return {
      go: '/dashboard/keys',
      flash: { key: at_once ? 'keys.replaced' : 'keys.rotated' },
    };
  },
});

export const keyPages: readonly Page[] = [list, ...rotate];
