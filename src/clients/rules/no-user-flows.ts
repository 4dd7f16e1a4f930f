import { wordings } from '../../lib/wording.ts';
import type { Rule } from './rule.ts';

const says = wordings({
  not_empty: {
    detail: 'nobody logs in to a {type} client by redirect',
    fix: 'remove them all',
  },
});

export const noUserFlows: Rule = {
  id: 'no-user-flows',
  title: 'Nobody is sent to or from this client',
  says,
  reads: ['redirect_uris', 'response_types', 'post_logout_redirect_uris'],
  *check(client) {
    for (const property of [
      'redirect_uris',
      'response_types',
      'post_logout_redirect_uris',
    ] as const) {
      if (client[property].length === 0) continue;
      yield {
        pointer: `/${property}`,
        ...says.not_empty({ type: client.type }),
        patch: { [property]: [] },
      };
    }
  },
};
