import type { Case, Row } from './reason.ts';

/** The engine's words. */
const own = ({ seen }: Case) => ({
  words: seen.detail ?? seen.error_description ?? seen.error,
});

/** What a client presents, and what has become of it. */
export const tokenReasons: readonly Row[] = [
  {
    code: 'dpop',
    when: /dpop|failed jkt/i,
    detail: 'The DPoP proof was not accepted: {words}.',
    with: own,
    fix: 'A new proof for each request: htm and htu of that very request without its query, iat now, a new jti, the same key for code and token (RFC 9449, section 4.3). Compare the clocks.',
    values: () => ({ about: 'dpop_bound_access_tokens' }),
  },
  {
    code: 'code_used',
    when: /already consumed|already used/,
    detail: 'The code or token was used before; what had been issued with it is revoked.',
    fix: 'Redeem each once. A retry after a timeout, a callback page that is loaded twice, and two threads with one refresh token are what it mostly is.',
  },
  {
    code: 'code_expired',
    when: /(code|token|grant) is expired/,
    detail: 'It came too late: {words}.',
    with: own,
    fix: 'Redeem codes at once; after a refresh token has expired, the person signs in again.',
  },
  {
    code: 'code_of_another',
    when: /client mismatch/,
    detail: 'The code or token was issued to another client.',
    fix: 'Use the client_id of the authorization request in the token request.',
  },
  {
    code: 'code_unknown',
    when: /(code|token|grant) not found/,
    detail: 'It is not known, or no longer: {words}.',
    with: own,
    fix: 'It may have expired or been revoked, come from another server, or have been cut or decoded twice on its way.',
  },
  {
    code: 'target',
    when: /^invalid_target/,
    detail: 'The resource was refused: {words}.',
    with: own,
    fix: 'Name one that is declared, and give the client access to it.',
    values: ({ seen }) => ({
      about: 'resource',
      ...(seen.params.resource && { sent: seen.params.resource }),
    }),
  },
  {
    code: 'declined',
    when: /^access_denied/,
    detail: 'The person, or a rule of this server, declined.',
    fix: 'Nothing is broken: let the application say so and offer to begin again.',
  },
  {
    code: 'session_gone',
    when: /^session_not_found/,
    detail:
      'The sign-in was not there any more: it took too long, was finished in another tab, or began in another browser.',
    fix: 'Begin again in the application. If it happens to many: bookmarks of the login page, and a proxy that drops cookies, are what it mostly is.',
  },
  {
    code: 'server',
    when: /^server_error/,
    detail: 'The server failed, not the client.',
    fix: 'The log has the reason under the correlation id.',
  },
];
