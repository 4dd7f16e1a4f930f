import type { Go, Page, Visit } from '../page.ts';
import { type Field, shown, typed, type Values } from './fields.ts';

/** An act that is asked about before it is done. */
export interface Act {
  topic: string;
  /** Its texts are `dashboard.TOPIC.NAME.title`, `.lead` and `.act`. */
  name: string;
  /** Below `/dashboard`; the question is asked there and the act done there. */
  path: string;
  scope: string;
  /** The password is asked for first. */
  fresh?: true;
  /** Nothing is lost by it: its button does not warn. */
  harmless?: true;
  /** What it is done to, for the sentence. */
  subject?(visit: Visit): Promise<string>;
  /** Whether it would be done to the person who asks, who is told why not: `dashboard.TOPIC.own`. */
  own?(visit: Visit): boolean;
  fields?: readonly Field[];
  back(visit: Visit): string;
  act(visit: Visit, values: Values): Promise<Go>;
}

/** A page that asks, and what is done after it. */
export function actPages(act: Act): Page[] {
  const { topic, name, path, scope, fresh, fields = [] } = act;
  const common = { path, scope, ...(fresh && { fresh }) };
  return [
    {
      ...common,
      method: 'get',
      handle: async (visit) => ({
        view: 'forms/act',
        model: {
          topic,
          name,
          subject: await act.subject?.(visit),
          own: act.own?.(visit) ?? false,
          harmless: act.harmless ?? false,
          groups: shown(fields, {}),
          back: `/dashboard${act.back(visit)}`,
        },
      }),
    },
    {
      ...common,
      method: 'post',
      handle: (visit) => act.act(visit, typed(fields, visit.form)),
    },
  ];
}
