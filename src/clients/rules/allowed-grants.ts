import { wordings } from '../../lib/wording.ts';
import { type Grant, withGrants } from '../flows.ts';
import type { Rule } from './rule.ts';

/** Why a grant is none of those, by who says so. */
const says = wordings({
  profile: { detail: '{grant}: the profile has no use for it', fix: 'remove {grant}' },
  device: { detail: '{grant}: devices use the device flow', fix: 'remove {grant}' },
  financial: {
    detail: '{grant}: what moves money is granted by a person, to this client',
    fix: 'remove {grant}',
  },
  native: {
    detail: '{grant}: native applications use the code flow, or the device flow',
    fix: 'remove {grant}',
  },
  server: {
    detail: '{grant}: nobody signs in to a server-to-server client',
    fix: 'remove {grant}',
  },
  browser: {
    detail: '{grant}: only people sign in to a single-page application',
    fix: 'remove {grant}',
  },
});

export const allowedGrants: Rule<{ allowed: readonly Grant[]; because: keyof typeof says }> = {
  id: 'allowed-grants',
  title: 'Only grants that suit this client',
  says,
  reads: ['grant_types', 'response_types'],
  *check({ grant_types, response_types }, { allowed, because }) {
    const kept = grant_types.filter((grant) => allowed.includes(grant));
    for (const [index, grant] of grant_types.entries()) {
      if (allowed.includes(grant)) continue;
      yield {
        pointer: `/grant_types/${index}`,
        ...says[because]({ grant }),
        patch: withGrants({ grant_types, response_types }, kept),
      };
    }
  },
};
