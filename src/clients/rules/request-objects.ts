import { isSymmetric } from '../values.ts';
import type { Rule } from './rule.ts';

export const requestObjects: Rule = {
  id: 'request-object-keys',
  title: 'Signed requests can be verified',
  reads: [
    'request_object_signing_alg',
    'backchannel_authentication_request_signing_alg',
    'require_signed_request_object',
    'jwks',
    'jwks_uri',
    'token_endpoint_auth_method',
  ],
  *check(client) {
    if (client.jwks || client.jwks_uri) return;
    const alg = client.request_object_signing_alg;
    const asymmetric = alg ? !isSymmetric(alg) : client.require_signed_request_object;
    const unverifiable = [
      ...(asymmetric
        ? [alg ? '/request_object_signing_alg' : '/require_signed_request_object']
        : []),
      ...(client.backchannel_authentication_request_signing_alg
        ? ['/backchannel_authentication_request_signing_alg']
        : []),
    ];
    for (const pointer of unverifiable) {
      yield {
        pointer,
        detail: 'signed requests are verified with public keys, and there are none',
        fix: 'add jwks or jwks_uri',
      };
    }
  },
};
