import { wordings } from '../../lib/wording.ts';
import type { ClientMetadata } from '../metadata.ts';
import type { ClientPatch, Rule } from './rule.ts';

const properties = [
  'token_endpoint_auth_signing_alg',
  'id_token_signed_response_alg',
  'userinfo_signed_response_alg',
  'authorization_signed_response_alg',
  'introspection_signed_response_alg',
  'request_object_signing_alg',
  'backchannel_authentication_request_signing_alg',
] as const;

type Property = (typeof properties)[number];

interface Options {
  allowed: readonly string[];
  /** Properties without which the server would choose an algorithm that is not allowed. */
  required?: readonly Property[];
}

const says = wordings({
  missing: { detail: 'is missing, which means RS256', fix: 'one of {allowed}' },
  weak: { detail: 'is {alg}', fix: 'one of {allowed}' },
});

/** What is signed for a client whose metadata says nothing is signed with RS256. */
const inForce = (client: ClientMetadata, name: Property, required: readonly Property[]) =>
  client[name] ?? (required.includes(name) ? 'RS256' : undefined);

export const signingAlgorithms: Rule<Options> = {
  id: 'signing-algorithms',
  title: 'Signatures are made with algorithms that have no known weakness in use',
  says,
  reads: properties,
  *check(client, { allowed, required = [] }) {
    for (const name of properties) {
      const alg = inForce(client, name, required);
      if (alg === undefined || allowed.includes(alg)) continue;
      yield {
        pointer: `/${name}`,
        ...(client[name] === undefined
          ? says.missing({ allowed: allowed.join(', ') })
          : says.weak({ alg, allowed: allowed.join(', ') })),
        patch: { [name]: 'PS256' } as ClientPatch,
      };
    }
  },
};
