import type { ClientAuthMethod } from 'oidc-provider';
import type { Config } from '../config/schema.ts';
import { attestationMethods } from './attestation.ts';
import { certificateMethods } from './mtls.ts';

/** How clients may authenticate, as far as the operator has set the server up for it. */
export const clientAuthMethods = (
  config: Pick<Config, 'mtls' | 'attestation'>,
): ClientAuthMethod[] => [
  'none',
  'client_secret_basic',
  'client_secret_post',
  'client_secret_jwt',
  'private_key_jwt',
  ...(config.mtls.mode === 'off' ? [] : certificateMethods),
  ...attestationMethods(config),
];

/**
 * Clients authenticate everywhere as they do at the token endpoint. Where that is not said, relying
 * parties take for granted that only `client_secret_basic` is good, or ask.
 * @source RFC 8414, section 2
 */
export const authMethodDiscovery = (document: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(
    ['introspection', 'revocation'].flatMap((endpoint) =>
      ['methods', 'signing_alg_values'].map((what) => [
        `${endpoint}_endpoint_auth_${what}_supported`,
        document[`token_endpoint_auth_${what}_supported`],
      ]),
    ),
  );
