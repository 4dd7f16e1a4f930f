/** Names that are no property of a client, and properties that the server alone assigns. */

/** Ignored, stored, or refused: `POINTER RULE`. */
export type Answered = 'ignored' | 'taken' | `${string} ${string}`;

/** What is no property of a client, or one that nobody sets: by REST, in a file and in a registration. */
export const beyond: readonly {
  name: string;
  value: unknown;
  rest: Answered;
  file: Answered;
  registration: Answered;
}[] = [
  // The API takes back what it has shown, and ignores what it alone says of it.
  {
    name: 'client_id',
    value: 'an-id-of-my-own',
    rest: 'taken',
    file: '/client_id known-property',
    registration: 'ignored',
  },
  {
    name: 'client_secret',
    value: 'a secret of my own, which is long enough',
    rest: 'ignored',
    file: '/client_secret a secret, or a place for one',
    registration: 'ignored',
  },
  {
    name: 'client_secret_expires_at',
    value: 7,
    rest: 'ignored',
    file: '/client_secret_expires_at known-property',
    registration: 'ignored',
  },
  // What nobody knows is ignored in a registration alone (RFC 7591, section 2).
  ...['client_id_issued_at', 'registration_access_token', 'colour', 'client_name#de'].map(
    (name) => ({
      name,
      value: 7,
      rest: `/${name} known-property` as const,
      file: `/${name} known-property` as const,
      registration: 'ignored' as const,
    }),
  ),
  ...['__proto__', 'constructor', 'prototype'].map((name) => ({
    name,
    value: { disabled: true },
    rest: `/${name} known-property` as const,
    file: `/${name} a key that is not allowed` as const,
    registration: 'ignored' as const,
  })),
  // The server's own words, which a registration could be taken to have said.
  {
    name: 'origin',
    value: { via: 'server' },
    rest: 'ignored',
    file: '/origin known-property',
    registration: '/origin administrator-only',
  },
  ...['owner', 'roles', 'registration', 'quarantined'].map((name) => ({
    name,
    value: 'admin@example.com',
    rest: `/${name} known-property` as const,
    file: `/${name} known-property` as const,
    registration: `/${name} administrator-only` as const,
  })),
];
