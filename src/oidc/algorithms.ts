import type { Configuration } from 'oidc-provider';
import {
  asymmetricAlgs,
  clientSigningAlgs,
  encryptionAlgs,
  encryptionEncs,
  requestEncryptionAlgs,
  signingAlgs,
} from '../clients/values.ts';

const signed = [...signingAlgs];
const wrapped = [...encryptionAlgs];
const content = [...encryptionEncs];

/** The algorithms of the declaration (`clients/values.ts`), where the engine wants them. */
export const enabledJWA = {
  clientAuthSigningAlgValues: [...clientSigningAlgs],
  requestObjectSigningAlgValues: [...clientSigningAlgs],
  idTokenSigningAlgValues: signed,
  userinfoSigningAlgValues: signed,
  introspectionSigningAlgValues: signed,
  authorizationSigningAlgValues: signed,
  idTokenEncryptionAlgValues: wrapped,
  userinfoEncryptionAlgValues: wrapped,
  introspectionEncryptionAlgValues: wrapped,
  authorizationEncryptionAlgValues: wrapped,
  requestObjectEncryptionAlgValues: [...requestEncryptionAlgs],
  idTokenEncryptionEncValues: content,
  userinfoEncryptionEncValues: content,
  introspectionEncryptionEncValues: content,
  authorizationEncryptionEncValues: content,
  requestObjectEncryptionEncValues: content,
  attestSigningAlgValues: [...asymmetricAlgs],
  dPoPSigningAlgValues: ['ES256', 'PS256', 'Ed25519', 'EdDSA'],
} as NonNullable<Configuration['enabledJWA']>;
