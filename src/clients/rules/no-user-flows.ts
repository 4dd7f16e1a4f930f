import type { Rule } from './rule.ts';

export const noUserFlows: Rule = {
  id: 'no-user-flows',
  title: 'Nobody is sent to or from this client',
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
        detail: `nobody logs in to a ${client.type} client by redirect`,
        fix: 'remove them all',
        patch: { [property]: [] },
      };
    }
  },
};
