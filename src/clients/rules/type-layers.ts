import type { ClientMetadata } from '../metadata.ts';
import type { Rule } from './rule.ts';

type Violations = ReturnType<Rule['check']>;

function* publicClient(client: ClientMetadata): Violations {
  if (client.token_endpoint_auth_method !== 'none') {
    yield {
      pointer: '/token_endpoint_auth_method',
      detail: `a ${client.type} client cannot keep a secret`,
      fix: 'none',
    };
  }
}

function* noUserFlows(client: ClientMetadata): Violations {
  for (const property of ['redirect_uris', 'response_types'] as const) {
    if (client[property].length > 0) {
      yield {
        pointer: `/${property}`,
        detail: 'nobody logs in to a server-to-server client',
        fix: '[]',
      };
    }
  }
  for (const grant of client.grant_types) {
    if (grant !== 'client_credentials') {
      yield { pointer: '/grant_types', detail: `${grant} is for people`, fix: `remove ${grant}` };
    }
  }
}

const nothing = () => [];

const layers: Readonly<Record<ClientMetadata['type'], (client: ClientMetadata) => Violations>> = {
  web: nothing,
  'single-page-application': publicClient,
  native: publicClient,
  'server-to-server': noUserFlows,
};

/** What a type refuses beyond what holds for every client. */
export const typeLayers: Rule = {
  id: 'client-type',
  title: 'The client keeps to what its type allows',
  spec: 'RFC 6749, section 2.1; RFC 8252, section 8.4',
  reads: ['type', 'token_endpoint_auth_method', 'redirect_uris', 'response_types', 'grant_types'],
  check: (client) => layers[client.type](client),
};
