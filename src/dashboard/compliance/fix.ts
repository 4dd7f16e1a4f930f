/**
 * Mending a client by what its report offers. The address names what is to be mended, never the
 * change itself: that is taken from the report anew, so no link can bring another change along, and
 * `If-Match` makes sure that what is done is what was shown.
 */
import { mergePatch } from '../../lib/merge-patch.ts';
import type { Violation } from '../../lib/problem.ts';
import type { Go, Page, View } from '../page.ts';
import { Refused, type Rest } from '../rest.ts';
import { asksForKeys, type GivenKeys, keysGiven } from './given-keys.ts';
import {
  at,
  canBeSet,
  nameOf,
  profileAsked,
  type Report,
  reportOf,
  type ShownClient,
} from './report.ts';
import { differences } from './values.ts';

interface Outcome {
  accepted: boolean;
  result?: Record<string, unknown>;
  refused: Violation[];
  warnings: Violation[];
  stops: { kind: string; value: string; detail: string }[];
}

interface Wanted {
  client: ShownClient;
  version: number | undefined;
  report: Report;
  what: string;
  given: GivenKeys;
  /** Absent: there is nothing to mend. */
  patch: Readonly<Record<string, unknown>> | undefined;
}

/** The claim of the profile; all that a program can mend, or one violation by its name, with keys if given. */
function patchFor(what: string, { profile, conforming, rules, repair }: Report, given: GivenKeys) {
  if (what === 'claim') {
    return conforming && canBeSet(profile) ? { fapi_profile: profile } : undefined;
  }
  if (what === 'all') {
    const nothing = Object.keys(repair.patch).length === 0 && !asksForKeys(repair.remaining);
    return nothing ? undefined : { ...repair.patch, ...given.patch };
  }
  const violations = rules.flatMap((rule) => rule.violations);
  const patch = violations.find((one) => nameOf(one) === what)?.patch;
  return patch && { ...patch, ...given.patch };
}

async function wantedOf(
  rest: Rest,
  id: string | undefined,
  fields: URLSearchParams,
): Promise<Wanted> {
  const { body: client, version } = await rest.call<ShownClient>('GET', at(id));
  const profile = profileAsked(fields.get('profile'), client);
  const report = await reportOf(rest, client.client_id, profile);
  const what = fields.get('what') ?? 'all';
  const given = keysGiven(fields);
  return { client, version, report, what, given, patch: patchFor(what, report, given) };
}

const back = ({ client, report }: Wanted) =>
  `/dashboard${at(client.client_id, `/compliance?profile=${report.profile}`)}`;

const done = (wanted: Wanted, key: string, kind?: 'warning'): Go => ({
  go: back(wanted),
  flash: { key: `compliance.flash.${key}`, ...(kind && { kind }) },
});

/** The change, before it is made. */
async function preview(rest: Rest, wanted: Wanted, refused?: Refused): Promise<View> {
  const { client, version, report, what, given, patch = {} } = wanted;
  const { body: outcome } = await rest.call<Outcome>('POST', '/clients/dry-run', {
    body: { client_id: client.client_id, patch },
  });
  const after = outcome.result ?? (mergePatch(client, patch) as Record<string, unknown>);
  const names = [...Object.keys(patch), ...Object.keys(outcome.result ?? {})];
  const remaining = what === 'all' ? report.repair.remaining : [];
  const isGiven = Object.keys(given.patch).length > 0;
  const asks =
    asksForKeys(outcome.refused) || (!isGiven && asksForKeys(remaining)) || given.error === true;
  return {
    view: 'compliance/fix',
    ...(refused && { status: refused.status }),
    model: {
      client,
      version,
      report: { profile: report.profile, title: report.title },
      what,
      changes: differences(client, after, names),
      outcome,
      stale: refused?.code === 'precondition_failed',
      errors: refused?.errors ?? outcome.refused,
      // What keys were given for is judged by the dry run.
      remaining: isGiven ? [] : remaining,
      given,
      asks: what !== 'claim' && asks,
    },
  };
}

const shared = { path: '/clients/:id/compliance/fix', scope: 'clients:write' } as const;

export const showFix: Page = {
  ...shared,
  method: 'get',
  async handle({ rest, params, query }) {
    const wanted = await wantedOf(rest, params.id, query);
    return wanted.patch ? preview(rest, wanted) : done(wanted, 'nothing', 'warning');
  },
};

export const makeFix: Page = {
  ...shared,
  method: 'post',
  async handle({ rest, params, form }) {
    const wanted = await wantedOf(rest, params.id, form);
    if (!wanted.patch) return done(wanted, 'nothing', 'warning');
    if (form.get('act') !== 'apply' || wanted.given.error) return preview(rest, wanted);
    const version = Number(form.get('version')) || 0;
    try {
      await rest.call('PATCH', at(params.id), { body: wanted.patch, version });
    } catch (error) {
      if (!(error instanceof Refused) || ![412, 422].includes(error.status)) throw error;
      return preview(rest, wanted, error);
    }
    return done(wanted, wanted.what === 'claim' ? 'claimed' : 'mended');
  },
};
