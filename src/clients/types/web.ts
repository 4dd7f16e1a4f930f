import type { ClientType } from './type.ts';

export const web: ClientType = {
  title: 'Web application',
  description:
    'Pages made on a server, which can keep a secret: Node, Java, PHP, .NET, Python and the like.',
  initial: {
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'client_secret_basic',
  },
  fixed: { application_type: 'web' },
  because: 'web',
  hidden: ['application_type'],
  rules: [],
};
