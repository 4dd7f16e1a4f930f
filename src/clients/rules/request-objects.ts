import { isSymmetric } from '../values.ts';
import type { Rule } from './rule.ts';

export const requestObjects: Rule = {
  id: 'request-object-keys',
  title: 'Signed requests can be verified',
  reads: [
    'request_object_signing_alg',
    'require_signed_request_object',
    'jwks',
    'jwks_uri',
    'token_endpoint_auth_method',
  ],
  *check(client) {
    const alg = client.request_object_signing_alg;
    const asymmetric = alg ? !isSymmetric(alg) : client.require_signed_request_object;
    if (asymmetric && !client.jwks && !client.jwks_uri) {
      yield {
        pointer: alg ? '/request_object_signing_alg' : '/require_signed_request_object',
        detail: 'signed requests are verified with public keys, and there are none',
        fix: 'add jwks or jwks_uri',
      };
    }
  },
};
