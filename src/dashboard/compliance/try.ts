import { profiles, type ReportProfile } from '../../clients/profiles.ts';
import { profileNames } from '../../clients/values.ts';
import type { Violation } from '../../lib/problem.ts';
import { jsonOf } from '../forms/json.ts';
import type { Page } from '../page.ts';
import { Refused } from '../rest.ts';
import type { Looked } from './fleet.ts';
import { shown } from './values.ts';

interface Outcome extends Looked {
  refused: number;
  items: {
    client_id: string;
    client_name?: string;
    accepted: boolean;
    refused: Violation[];
    stops: { kind: string; value: string; detail: string }[];
    repair: { patch: Record<string, unknown>; remaining: Violation[] };
  }[];
  next?: string;
}

/** So many clients are shown at a time. */
const LIMIT = 50;
/** Of one client so much is told; its own page tells all. */
const TOLD = 3;

/** The change as it was typed, else the profile that was chosen. @returns undefined: it is no JSON object */
function patchOf(profile: string, typed: string): Record<string, unknown> | undefined {
  if (!typed) return profile ? { fapi_profile: profile } : {};
  const patch = jsonOf(typed);
  return typeof patch === 'object' && patch !== null && !Array.isArray(patch)
    ? (patch as Record<string, unknown>)
    : undefined;
}

const options = profileNames.map((value) => ({
  value,
  label: profiles[value as ReportProfile].title,
}));

/**
 * What one change would do to every client. It changes nothing, so it is a page to be read: at once,
 * with what the server has found so far, and again while it still looks.
 */
export const tryChange: Page = {
  method: 'get',
  path: '/compliance/try',
  scope: 'clients:read',
  async handle({ rest, query, text }) {
    const [profile, typed] = [query.get('profile') ?? '', query.get('patch')?.trim() ?? ''];
    const asked = query.has('profile') || query.has('patch');
    const form = {
      profile,
      typed,
      options: [{ value: '', label: text('compliance.try.today') }, ...options],
    };
    const patch = patchOf(profile, typed);
    const after = query.get('after') ?? undefined;
    if (!asked || !patch) {
      return {
        view: 'compliance/try',
        model: { form, unread: !patch },
        ...(!patch && { status: 422 }),
      };
    }
    try {
      const { body } = await rest.call<Outcome>('POST', '/clients/dry-run', {
        body: { all: patch, wait: false, limit: LIMIT, ...(after && { after }) },
      });
      const { items, next, refused, ...looked } = body;
      const pageAfter = (place: string | undefined) =>
        new URLSearchParams({ profile, patch: typed, ...(place && { after: place }) }).toString();
      return {
        view: 'compliance/try',
        model: {
          form,
          patch: shown(patch),
          looked,
          outcome: {
            refused,
            items: items.map(({ refused, repair, ...item }) => ({
              ...item,
              refused: refused.slice(0, TOLD),
              more: Math.max(0, refused.length - TOLD),
              mendable: refused.length > 0 && repair.remaining.length === 0,
            })),
          },
          again: pageAfter(after),
          next: next && pageAfter(next),
        },
      };
    } catch (error) {
      if (!(error instanceof Refused) || error.status >= 500) throw error;
      return {
        view: 'compliance/try',
        status: error.status,
        model: { form, errors: error.errors },
      };
    }
  },
};
