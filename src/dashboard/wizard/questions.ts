/** What the wizard asks of each type, in the order in which it asks. All else keeps its initial value. */
export interface Question {
  /** Of the form's field; its texts are `dashboard.wizard.field.NAME`. */
  name: string;
  widget: 'text' | 'lines' | 'choice';
  /** The answer must not be empty; the browser says so, and the API if it does not. */
  required?: true;
  /** What is filled in to begin with. */
  initial?: string;
  /** Of a choice; the first is the initial one. Texts: `dashboard.wizard.option.NAME.VALUE`. */
  options?: readonly string[];
  /** What of an answer of the API belongs to this field, by the first part of a pointer. */
  properties: readonly string[];
  /** A help text of its own: `dashboard.wizard.field.HELP`. */
  help?: string;
}

const name: Question = {
  name: 'client_name',
  widget: 'text',
  required: true,
  properties: ['client_name'],
};

const redirects: Question = {
  name: 'redirect_uris',
  widget: 'lines',
  required: true,
  properties: ['redirect_uris'],
};

const afterLogout: Question = {
  name: 'post_logout_redirect_uris',
  widget: 'lines',
  properties: ['post_logout_redirect_uris'],
};

const party: Question = {
  name: 'party',
  widget: 'choice',
  options: ['first', 'third'],
  properties: ['first_party'],
};

const proof: Question = {
  name: 'proof',
  widget: 'choice',
  options: ['secret', 'key'],
  properties: ['token_endpoint_auth_method', 'token_endpoint_auth_signing_alg'],
};

const keys: Question = {
  name: 'keys',
  widget: 'lines',
  properties: ['jwks', 'jwks_uri'],
};

export const questions: Readonly<Record<string, readonly Question[]>> = {
  web: [name, redirects, afterLogout, party, proof, keys],
  'single-page-application': [name, redirects, afterLogout, party],
  native: [
    name,
    { ...redirects, initial: 'http://127.0.0.1/callback', help: 'redirect_uris_native' },
    afterLogout,
    party,
  ],
  'server-to-server': [name, proof, keys],
  device: [name, party],
  financial: [
    name,
    {
      name: 'profile',
      widget: 'choice',
      options: ['fapi2-security-profile', 'fapi2-message-signing', 'fapi1-advanced'],
      properties: ['fapi_profile'],
    },
    { ...redirects, help: 'redirect_uris_financial' },
    afterLogout,
    { ...party, options: ['third', 'first'] },
    { ...proof, options: ['key', 'certificate'] },
    { ...keys, help: 'keys_financial' },
    {
      name: 'subject',
      widget: 'text',
      properties: ['tls_client_auth_subject_dn'],
    },
  ],
};
