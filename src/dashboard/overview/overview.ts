import type { Page } from '../page.ts';
import { chartOf } from './chart.ts';
import { type Span, spanNames, spanOf } from './spans.ts';
import { type Attention, tasksOf } from './tend.ts';

interface Listed {
  items: {
    client_id: string;
    client_name?: string;
    type: string;
    updated_at: number;
    origin: { via: string };
  }[];
}

const counters = ['sign_ins', 'tokens', 'failures'] as const;
type Hour = { at: number } & Record<(typeof counters)[number], number>;

/** Clients changed last that are shown. */
const RECENT = 5;
/** The server has two clients of its own, the dashboard and the one for automation, which nobody looks for. */
const OWN = 2;

const chartsOf = (hours: readonly Hour[], { begins, seconds }: Span) =>
  counters.map((name) => {
    const points = begins.map((at) => {
      const within = hours.filter((hour) => hour.at >= at && hour.at < at + seconds);
      return { at, value: within.reduce((sum, hour) => sum + hour[name], 0) };
    });
    return { name, ...chartOf(points) };
  });

/** How the server fares, what was changed last; of a server without clients, the way to the first one. */
export const overview: Page = {
  method: 'get',
  path: '',
  scope: 'clients:read',
  async handle({ rest, query }) {
    const span = spanOf(query.get('span'));
    const [{ items: hours }, { items }, attention] = await Promise.all([
      rest.get<{ items: Hour[] }>('/statistics', { from: String(span.begins[0]) }),
      rest.get<Listed>('/clients', { sort: '-updated', limit: String(RECENT + OWN) }),
      rest.get<Attention>('/attention'),
    ]);
    const clients = items.filter(({ origin }) => origin.via !== 'server').slice(0, RECENT);
    return {
      view: 'overview/overview',
      model: {
        clients,
        first: clients.length === 0,
        steps: ['type', 'addresses', 'code'],
        spans: spanNames,
        span: span.name,
        charts: chartsOf(hours, span),
        tasks: tasksOf(attention),
        looked: attention,
      },
    };
  },
};
