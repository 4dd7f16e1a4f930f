import { authMethods, clientTypes, grantTypes, profileNames } from '../../clients/values.ts';
import { amount, type Field, linesOf, on, one, type Values } from '../forms/fields.ts';

/** A registration policy as the API answers it. */
export interface PolicyView {
  name: string;
  types: string[];
  redirect_domains?: string[];
  redirect_hosts?: string[];
  quota?: { clients: number; per: number };
  created_at: number;
  updated_at: number;
  [property: string]: unknown;
}

const number = (name: string): Field => ({ name, kind: 'line', type: 'number', group: 'limits' });

const areas = ['redirect_domains', 'redirect_hosts', 'scopes', 'authorization_details_types'];
const switches = ['loopback', 'require_pkce', 'openid_conformance', 'software_statement'];
const choices = ['types', 'grant_types', 'token_endpoint_auth_methods'];
const amounts = ['lifetime', 'secret_lifetime'];

export const policyFields: readonly Field[] = [
  { name: 'types', kind: 'choices', options: clientTypes },
  { name: 'redirect_domains', kind: 'area' },
  { name: 'redirect_hosts', kind: 'area' },
  { name: 'loopback', kind: 'switch' },
  { name: 'scopes', kind: 'area' },
  { name: 'fapi_profile', kind: 'choice', options: profileNames },
  { name: 'require_pkce', kind: 'switch' },
  { name: 'software_statement', kind: 'switch' },
  { name: 'openid_conformance', kind: 'switch', group: 'protocol' },
  { name: 'grant_types', kind: 'choices', options: grantTypes, group: 'protocol' },
  {
    name: 'token_endpoint_auth_methods',
    kind: 'choices',
    options: authMethods,
    group: 'protocol',
  },
  { name: 'authorization_details_types', kind: 'area', group: 'protocol' },
  number('lifetime'),
  number('secret_lifetime'),
  number('quota.clients'),
  number('quota.per'),
];

export const newPolicyFields: readonly Field[] = [
  { name: 'name', kind: 'line', required: true },
  ...policyFields,
];

/** What a policy has whose properties were left out, as `RegistrationPolicy` says it. */
export const emptyPolicy: Values = {
  types: ['web', 'single-page-application', 'native'],
  require_pkce: ['on'],
};

export function policyValues(policy: PolicyView): Values {
  const texts = (value: unknown) => [value ?? []].flat().map(String).filter(Boolean);
  return {
    ...Object.fromEntries(areas.map((name) => [name, [texts(policy[name]).join('\n')]])),
    ...Object.fromEntries(switches.map((name) => [name, policy[name] === true ? ['on'] : []])),
    ...Object.fromEntries(
      [...choices, ...amounts, 'fapi_profile'].map((name) => [name, texts(policy[name])]),
    ),
    'quota.clients': texts(policy.quota?.clients),
    'quota.per': texts(policy.quota?.per),
  };
}

/** What is empty is left out: there is no restriction of it. */
export function policyInput(values: Values): object {
  const quota = { clients: amount(values, 'quota.clients'), per: amount(values, 'quota.per') };
  const asked = Object.values(quota).some((value) => value !== undefined);
  const given: [string, unknown][] = [
    ...areas.map((name): [string, unknown] => [name, linesOf(values, name)]),
    ...choices.map((name): [string, unknown] => [name, values[name] ?? []]),
  ];
  return {
    // An empty list would allow nothing; none at all allows everything, but of types one is needed.
    ...Object.fromEntries(
      given.filter(([name, list]) => name === 'types' || (list as unknown[]).length > 0),
    ),
    ...Object.fromEntries(switches.map((name) => [name, on(values, name)])),
    ...Object.fromEntries(amounts.map((name) => [name, amount(values, name)])),
    fapi_profile: one(values, 'fapi_profile'),
    ...(asked && { quota }),
  };
}
