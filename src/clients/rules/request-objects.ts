import { wordings } from '../../lib/wording.ts';
import { isSymmetric } from '../values.ts';
import type { Rule } from './rule.ts';

const says = wordings({
  keys_missing: {
    detail: 'signed requests are verified with public keys, and there are none',
    fix: 'add jwks or jwks_uri',
  },
});

export const requestObjects: Rule = {
  id: 'request-object-keys',
  title: 'Signed requests can be verified',
  says,
  reads: [
    'request_object_signing_alg',
    'backchannel_authentication_request_signing_alg',
    'require_signed_request_object',
    'request_uris',
    'jwks',
    'jwks_uri',
    'token_endpoint_auth_method',
  ],
  *check(client) {
    if (client.jwks || client.jwks_uri) return;
    const alg = client.request_object_signing_alg;
    const asymmetric = alg ? !isSymmetric(alg) : client.require_signed_request_object;
    // Who has a secret may sign with it, whether or not an algorithm is chosen.
    const keyless = client.token_endpoint_auth_method === 'none' && client.request_uris;
    const unverifiable = [
      ...(asymmetric
        ? [alg ? '/request_object_signing_alg' : '/require_signed_request_object']
        : []),
      ...(keyless ? ['/request_uris'] : []),
      ...(client.backchannel_authentication_request_signing_alg
        ? ['/backchannel_authentication_request_signing_alg']
        : []),
    ];
    for (const pointer of unverifiable) {
      yield {
        pointer,
        ...says.keys_missing(),
      };
    }
  },
};
