import { profiles, type ReportProfile } from '../../clients/profiles.ts';
import { profileNames } from '../../clients/values.ts';
import type { Violation } from '../../lib/problem.ts';
import type { Page } from '../page.ts';
import { Refused } from '../rest.ts';
import { shown } from './values.ts';

interface Outcome {
  clients: number;
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

/** So many clients are judged and shown at a time. */
const LIMIT = 50;
/** Of one client so much is told; its own page tells all. */
const TOLD = 3;

/** The change as it was typed, else the profile that was chosen. @returns undefined: it is no JSON object */
function patchOf(profile: string, typed: string): Record<string, unknown> | undefined {
  if (!typed) return profile ? { fapi_profile: profile } : {};
  try {
    const patch = JSON.parse(typed);
    return typeof patch === 'object' && patch !== null && !Array.isArray(patch) ? patch : undefined;
  } catch {
    return undefined;
  }
}

const options = profileNames.map((value) => ({
  value,
  label: profiles[value as ReportProfile].title,
}));

/** What one change would do to every client. It changes nothing, so it is a page to be read. */
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
        body: { all: patch, limit: LIMIT, ...(after && { after }) },
      });
      const { items, next, ...outcome } = body;
      return {
        view: 'compliance/try',
        model: {
          form,
          patch: shown(patch),
          outcome: {
            ...outcome,
            items: items.map(({ refused, repair, ...item }) => ({
              ...item,
              refused: refused.slice(0, TOLD),
              more: Math.max(0, refused.length - TOLD),
              mendable: refused.length > 0 && repair.remaining.length === 0,
            })),
          },
          first: after === undefined,
          next: next && new URLSearchParams({ profile, patch: typed, after: next }).toString(),
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
