import { actPages } from '../forms/confirming.ts';
import { formPages } from '../forms/editing.ts';
import { one } from '../forms/fields.ts';
import type { Page, Visit } from '../page.ts';
import {
  emptyPolicy,
  newPolicyFields,
  type PolicyView,
  policyFields,
  policyInput,
  policyValues,
} from './policy.ts';

const topic = 'registration';
const scope = 'registration:write';
const back = () => '/registration';
const go = '/dashboard/registration';
const nameOf = ({ params }: Visit) => params.name ?? '';
const at = (visit: Visit) => `/registration-policies/${encodeURIComponent(nameOf(visit))}`;

const create = formPages<PolicyView>({
  topic,
  scope,
  back,
  name: 'create_policy',
  path: '/registration/policies/new',
  fresh: true,
  fields: () => newPolicyFields,
  values: () => emptyPolicy,
  async save({ rest }, values) {
    const body = { ...policyInput(values), name: one(values, 'name') ?? '' };
    await rest.call('POST', '/registration-policies', { body });
    return { go, flash: { key: 'registration.policy_created' } };
  },
});

const edit = formPages<PolicyView>({
  topic,
  scope,
  back,
  at,
  name: 'edit_policy',
  path: '/registration/policies/:name/edit',
  fresh: true,
  fields: () => policyFields,
  values: (policy) => (policy ? policyValues(policy) : emptyPolicy),
  called: ({ name }) => name,
  async save(visit, values, version) {
    const body = { ...policyInput(values), name: nameOf(visit) };
    await visit.rest.call('PUT', at(visit), { body, version });
    return { go, flash: { key: 'registration.policy_saved' } };
  },
});

const remove = actPages({
  topic,
  scope,
  back,
  name: 'delete_policy',
  path: '/registration/policies/:name/delete',
  fresh: true,
  subject: async (visit) => nameOf(visit),
  async act(visit) {
    await visit.rest.call('DELETE', at(visit));
    return { go, flash: { key: 'registration.policy_deleted' } };
  },
});

export const policyPages: readonly Page[] = [...create, ...edit, ...remove];
