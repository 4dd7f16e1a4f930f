/** Which grants a response type takes part in, and lists of both that agree. */
import type { ClientMetadata } from './metadata.ts';

export type Grant = ClientMetadata['grant_types'][number];
export type ResponseType = ClientMetadata['response_types'][number];

/** @source OpenID Connect Dynamic Client Registration 1.0, section 2 */
export const grantsOf = (responseType: string): Grant[] => [
  ...(responseType.includes('code') ? (['authorization_code'] as const) : []),
  ...(/token/.test(responseType) ? (['implicit'] as const) : []),
];

type Flows = Pick<ClientMetadata, 'grant_types' | 'response_types'>;

const redirecting: readonly Grant[] = ['authorization_code', 'implicit'];

/** With these response types, the grants that go with them: none too many, none too few. */
export function withResponseTypes(flows: Flows, response_types: ResponseType[]): Flows {
  const used = response_types.flatMap(grantsOf);
  const kept = flows.grant_types.filter(
    (grant) => !redirecting.includes(grant) || used.includes(grant),
  );
  return { response_types, grant_types: [...new Set([...kept, ...used])] };
}

/** With these grants, the response types that they allow. */
export function withGrants(flows: Flows, grant_types: Grant[]): Flows {
  const response_types = flows.response_types.filter((type) =>
    grantsOf(type).every((grant) => grant_types.includes(grant)),
  );
  return withResponseTypes({ ...flows, grant_types }, response_types);
}
