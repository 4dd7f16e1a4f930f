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
