import type { ClientMetadata, ClientMetadataInput } from './metadata.ts';

type ClientType = ClientMetadata['type'];

/**
 * What each type of client begins with. Only what the caller leaves out is taken from here; what a
 * type never allows is a rule.
 */
export const initialValues: Readonly<Record<ClientType, Omit<ClientMetadataInput, 'type'>>> = {
  web: {
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'client_secret_basic',
  },
  'single-page-application': {
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  },
  native: {
    application_type: 'native',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  },
  'server-to-server': {
    grant_types: ['client_credentials'],
    response_types: [],
    token_endpoint_auth_method: 'client_secret_basic',
  },
};
