import { wordings } from '../../lib/wording.ts';
import type { Rule } from './rule.ts';

const says = wordings({
  missing: {
    detail: 'a {type} client keeps a FAPI profile',
    fix: 'fapi2-security-profile',
  },
});

export const profileStays: Rule = {
  id: 'profile-stays-set',
  title: 'The client is held to a FAPI profile',
  says,
  reads: ['fapi_profile'],
  *check({ fapi_profile, type }) {
    if (fapi_profile) return;
    yield {
      pointer: '/fapi_profile',
      ...says.missing({ type }),
      patch: { fapi_profile: 'fapi2-security-profile' },
    };
  },
};
