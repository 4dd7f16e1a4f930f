import { wordings } from '../../lib/wording.ts';
import { JWT_BEARER, TOKEN_EXCHANGE } from '../values.ts';
import { type Rule, without } from './rule.ts';

const says = wordings({
  public: {
    detail: '{grant} is for confidential clients',
    fix: 'remove {grant}, or choose private_key_jwt',
  },
});

const policySays = wordings({
  policy_missing: {
    detail: 'without it every token exchange is refused',
    fix: 'say whose tokens may be exchanged, and how',
  },
  grant_missing: {
    detail: 'token_exchange means nothing without the grant type',
    fix: 'add {grant}',
  },
});

/** Grants in which one token is had for another: only who proves who they are gets any. */
export const confidentialGrants: Rule = {
  id: 'confidential-grants',
  title: 'Token exchange and assertions are for clients that can prove who they are',
  says,
  reads: ['grant_types', 'token_endpoint_auth_method'],
  *check({ grant_types, token_endpoint_auth_method }) {
    if (token_endpoint_auth_method !== 'none') return;
    for (const grant of [TOKEN_EXCHANGE, JWT_BEARER] as const) {
      const index = grant_types.indexOf(grant);
      if (index < 0) continue;
      yield {
        pointer: `/grant_types/${index}`,
        ...says.public({ grant }),
        patch: { grant_types: without(grant_types, grant) },
      };
    }
  },
};

/** A warning: a program that registers itself cannot have the policy, and may be given it later. */
export const tokenExchangePolicy: Rule = {
  id: 'token-exchange-policy',
  title: 'Who exchanges tokens has a policy that says which',
  says: policySays,
  severity: 'warning',
  reads: ['grant_types', 'token_exchange'],
  *check({ grant_types, token_exchange }) {
    const grants = grant_types.includes(TOKEN_EXCHANGE);
    if (grants === (token_exchange !== undefined)) return;
    yield grants
      ? {
          pointer: '/token_exchange',
          ...policySays.policy_missing(),
        }
      : {
          pointer: '/grant_types',
          ...policySays.grant_missing({ grant: TOKEN_EXCHANGE }),
        };
  },
};
