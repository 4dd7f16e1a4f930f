/** What the server holds every request of a client to when a profile asks for it; no property of the client. */
const titles = {
  pkce: 'PKCE with S256',
  code_life: 'Authorization codes live 60 seconds at most',
  assertion_audience: 'Assertions are for the issuer, as one string',
  refresh_kept: 'Refresh tokens are not rotated',
  issuer: 'The response tells the issuer (RFC 9207)',
  redirect_sent: 'A redirect URI in every authorization request',
  nonce_or_state: 'A nonce with openid, a state without',
  pkce_pushed: 'PKCE with S256 for pushed requests',
  s_hash: 's_hash in ID tokens of the authorization endpoint',
  request_life: 'Request objects live 60 minutes at most',
  introspection_signed: 'Introspection is answered as a signed JWT',
  exact_redirects: 'Exact comparison of redirect URIs',
  refresh_bound: 'Public clients’ refresh tokens are rotated or bound',
  one_audience: 'Access tokens are for one audience',
} as const;

export interface Held {
  /** Stable; other languages have the title under it. */
  id: keyof typeof titles;
  title: string;
  /** Specification and section. */
  spec: string;
}

/** Names it in a profile. */
export const hold = (id: Held['id'], spec: string): Held => ({ id, title: titles[id], spec });
