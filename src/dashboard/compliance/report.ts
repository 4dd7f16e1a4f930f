import { profiles, type ReportProfile } from '../../clients/profiles.ts';
import { profileNames } from '../../clients/values.ts';
import type { Violation } from '../../lib/problem.ts';
import type { Page } from '../page.ts';
import { Refused, type Rest } from '../rest.ts';
import { asksForKeys } from './given-keys.ts';
import { shown, valueAt } from './values.ts';

/** As the API says it. */
export interface Report {
  profile: ReportProfile;
  title: string;
  set: boolean;
  conforming: boolean;
  rules: { rule: string; title: string; spec: string; pass: boolean; violations: Violation[] }[];
  enforced: { id: string; title: string; spec: string }[];
  repair: { patch: Record<string, unknown>; remaining: Violation[] };
}

export interface ShownClient {
  client_id: string;
  client_name?: string;
  type: string;
  fapi_profile?: string;
  [property: string]: unknown;
}

export const at = (clientId: string | undefined, rest = '') =>
  `/clients/${encodeURIComponent(clientId ?? '')}${rest}`;

const everyProfile = Object.keys(profiles) as ReportProfile[];

/** What the address asks about, else what the client is held to, else the one that new clients should meet. */
export const profileAsked = (
  asked: string | null,
  client: Pick<ShownClient, 'fapi_profile'>,
): ReportProfile =>
  everyProfile.find((name) => name === asked) ??
  everyProfile.find((name) => name === client.fapi_profile) ??
  'fapi2-security-profile';

/** A client can be held to this one; the others can only be looked at. */
export const canBeSet = (profile: string): boolean => profileNames.some((name) => name === profile);

export const reportOf = (rest: Rest, clientId: string, profile: ReportProfile): Promise<Report> =>
  rest.get<Report>(at(clientId, '/compliance'), { profile });

/** What a violation is named by in an address; nothing that could be carried out. */
export const nameOf = ({ rule, pointer }: Violation) => `${rule}${pointer}`;

const said = (client: ShownClient, mendable: boolean) => (violation: Violation) => ({
  ...violation,
  name: nameOf(violation),
  mendable: mendable && violation.patch !== undefined,
  value: shown(valueAt(client, violation.pointer)),
});

/** How a client stands to a profile, rule by rule, and to the others in one line. */
export const report: Page = {
  method: 'get',
  path: '/clients/:id/compliance',
  scope: 'clients:read',
  async handle({ rest, params, query, may }) {
    const client = await rest.get<ShownClient>(at(params.id));
    const asked = profileAsked(query.get('profile'), client);
    const reports = await Promise.all(
      everyProfile.map((name) => reportOf(rest, client.client_id, name)),
    );
    const current = reports.find(({ profile }) => profile === asked);
    if (!current) throw new Refused(404, { code: 'not_found', detail: `There is no ${asked}.` });
    const mend = may('clients:write');
    const rules = current.rules.map(({ violations, ...rule }) => ({
      ...rule,
      violations: violations.map(said(client, mend)),
    }));
    const failed = rules.filter(({ pass }) => !pass);
    return {
      view: 'compliance/report',
      model: {
        client,
        report: {
          ...current,
          failed,
          passed: rules.filter(({ pass }) => pass),
          remaining: current.repair.remaining.map(said(client, false)),
        },
        mendable:
          mend &&
          (Object.keys(current.repair.patch).length > 0 || asksForKeys(current.repair.remaining)),
        claimable: mend && current.conforming && !current.set && canBeSet(asked),
        profiles: reports.map(({ profile, title, conforming, set, rules }) => ({
          profile,
          title,
          conforming,
          set,
          broken: rules.filter(({ pass }) => !pass).length,
          current: profile === asked,
        })),
      },
    };
  },
};
