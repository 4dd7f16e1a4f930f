import type { Page } from '../page.ts';

/** How far the server has looked at all clients, and when. */
export interface Looked {
  clients: number;
  complete: boolean;
  at: number;
}

export interface Fleet extends Looked {
  profiles: {
    profile: string;
    title: string;
    meets: number;
    set: number;
    rules: { rule: string; title: string; spec: string; clients: number }[];
  }[];
}

interface Standing extends Looked {
  count: number;
  items: { client_id: string; client_name?: string }[];
  next?: string;
}

const most = <T extends { clients: number }>(rules: readonly T[]): T[] =>
  rules.filter(({ clients }) => clients > 0).toSorted((one, two) => two.clients - one.clients);

/** How all clients stand to each profile, and which rules stop the rest. */
export const fleet: Page = {
  method: 'get',
  path: '/compliance',
  scope: 'clients:read',
  async handle({ rest }) {
    const { profiles, ...looked } = await rest.get<Fleet>('/compliance');
    return {
      view: 'compliance/fleet',
      model: {
        looked,
        profiles: profiles.map(({ rules, ...profile }) => ({ ...profile, rules: most(rules) })),
      },
    };
  },
};

/** The clients that one of those counts stands for. */
export const standing: Page = {
  method: 'get',
  path: '/compliance/clients',
  scope: 'clients:read',
  async handle({ rest, query }) {
    const profile = query.get('profile') ?? 'fapi2-security-profile';
    const rule = query.get('rule') ?? undefined;
    const after = query.get('after') ?? undefined;
    const [{ items, next, count, ...looked }, { profiles }] = await Promise.all([
      rest.get<Standing>('/compliance/clients', { profile, rule, after, limit: '100' }),
      rest.get<Fleet>('/compliance'),
    ]);
    const known = profiles.find((one) => one.profile === profile);
    const following =
      next && new URLSearchParams({ profile, ...(rule && { rule }), after: next }).toString();
    return {
      view: 'compliance/clients',
      model: {
        profile: { profile, title: known?.title },
        rule: known?.rules.find((one) => one.rule === rule),
        items,
        count,
        looked,
        next: following,
        first: after === undefined,
      },
    };
  },
};
