import type { Page, Visit } from '../page.ts';
import { policyPages } from './policies.ts';
import type { PolicyView } from './policy.ts';
import { tokenPages } from './tokens.ts';

interface TokenView {
  id: string;
  policy: string | object;
  uses: number;
  uses_left: number;
  created_at: number;
  expires_at: number;
}

interface ListOf<T> {
  items: T[];
  next?: string;
}

/** Who may register at all; only who may read the configuration is told. */
async function modeOf({ may, rest }: Visit): Promise<string | undefined> {
  if (!may('settings:read')) return undefined;
  const { items } = await rest.get<ListOf<{ name: string; value?: string }>>('/settings');
  return items.find(({ name }) => name === 'registration.mode')?.value;
}

/** Who may register: initial access tokens, and the policies that they carry. */
const overview: Page = {
  method: 'get',
  path: '/registration',
  scope: 'registration:read',
  async handle(visit) {
    const { rest, query, once } = visit;
    const [after, afterPolicy] = ['after', 'after_policy'].map(
      (name) => query.get(name) ?? undefined,
    );
    const [tokens, policies, mode] = await Promise.all([
      rest.get<ListOf<TokenView>>('/registration-tokens', { limit: '50', after }),
      rest.get<ListOf<PolicyView>>('/registration-policies', {
        limit: '50',
        after: afterPolicy,
      }),
      modeOf(visit),
    ]);
    /** The page with another part of one of the lists. */
    const further = (name: string, next: string | undefined) => {
      const here = { ...(after && { after }), ...(afterPolicy && { after_policy: afterPolicy }) };
      return next && `?${new URLSearchParams({ ...here, [name]: next })}`;
    };
    return {
      view: 'registration/overview',
      model: {
        tokens: tokens.items.map((token) => ({
          ...token,
          policy: typeof token.policy === 'string' ? token.policy : undefined,
        })),
        policies: policies.items,
        mode,
        token: once.registration_token,
        more: further('after', tokens.next),
        morePolicies: further('after_policy', policies.next),
      },
    };
  },
};

export const registrationPages: readonly Page[] = [overview, ...tokenPages, ...policyPages];
