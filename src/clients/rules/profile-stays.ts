import type { Rule } from './rule.ts';

export const profileStays: Rule = {
  id: 'profile-stays-set',
  title: 'The client is held to a FAPI profile',
  reads: ['fapi_profile'],
  *check({ fapi_profile, type }) {
    if (fapi_profile) return;
    yield {
      pointer: '/fapi_profile',
      detail: `a ${type} client keeps a FAPI profile`,
      fix: 'fapi2-security-profile',
      patch: { fapi_profile: 'fapi2-security-profile' },
    };
  },
};
