import { wordings } from '../../lib/wording.ts';
import { DEVICE_CODE } from '../values.ts';
import type { Rule } from './rule.ts';

const hostsOf = (uris: readonly string[]) =>
  new Set(uris.flatMap((uri) => URL.parse(uri)?.host ?? []));

const says = wordings({
  several_hosts: {
    detail: 'redirect URIs of several hosts need a sector identifier for pairwise subjects',
    fix: 'add sector_identifier_uri, or use public subjects',
  },
  device_flow: {
    detail: 'pairwise subjects in the device flow need private_key_jwt',
    fix: 'public',
  },
});

export const pairwiseSector: Rule = {
  id: 'pairwise-sector',
  title: 'Pairwise subjects have one sector',
  says,
  reads: [
    'subject_type',
    'sector_identifier_uri',
    'redirect_uris',
    'grant_types',
    'token_endpoint_auth_method',
    'jwks_uri',
  ],
  *check(client) {
    if (client.sector_identifier_uri && client.subject_type !== 'pairwise') return;
    if (client.subject_type !== 'pairwise') return;
    if (!client.sector_identifier_uri && hostsOf(client.redirect_uris).size > 1) {
      yield {
        pointer: '/sector_identifier_uri',
        ...says.several_hosts(),
        patch: { subject_type: 'public' },
      };
    }
    if (
      client.grant_types.includes(DEVICE_CODE) &&
      client.token_endpoint_auth_method !== 'private_key_jwt'
    ) {
      yield {
        pointer: '/subject_type',
        ...says.device_flow(),
        patch: { subject_type: 'public' },
      };
    }
  },
};
