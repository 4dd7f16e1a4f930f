import { isValid } from '../../clients/secrets.ts';
import { epoch } from '../../lib/time.ts';
import type { Case, Reason, Row } from './reason.ts';

const name = ({ seen }: Case) => JSON.stringify(seen.client_id ?? '');
const day = (seconds: number) => new Date(seconds * 1000).toISOString().slice(0, 10);

/** Why a client that is stored is served as if it were not. */
function absence({ client }: Case): 'unknown' | 'disabled' | 'quarantined' | 'expired' | 'served' {
  if (!client) return 'unknown';
  if (client.metadata.disabled) return 'disabled';
  if (client.registration?.quarantined !== undefined) return 'quarantined';
  if ((client.registration?.expires ?? Number.POSITIVE_INFINITY) <= epoch()) return 'expired';
  return 'served';
}

const presented =
  (about: string) =>
  ({ seen }: Case): Partial<Reason> => ({
    about,
    ...(seen.client_id && { sent: seen.client_id }),
  });

const usable = ({ client }: Case) => client?.secrets.filter((secret) => isValid(secret)) ?? [];
const ended = ({ client }: Case) =>
  Math.max(0, ...(client?.secrets.map((secret) => secret.expires ?? 0) ?? []));
const hasNoSecret = (about: Case) => about.client !== undefined && usable(about).length === 0;

/** By which method it was sent. */
const secret = ({ seen }: Case): Partial<Reason> => ({
  about: 'client_secret',
  ...(seen.method && { sent: seen.method }),
});

const method = ({ seen, client }: Case) => ({
  about: 'token_endpoint_auth_method',
  ...(seen.method && { sent: seen.method }),
  ...(client?.metadata.token_endpoint_auth_method && {
    registered: [client.metadata.token_endpoint_auth_method],
  }),
});

/** Who the client is, and whether it can prove it. */
export const clientReasons: readonly Row[] = [
  {
    code: 'client_unknown',
    when: /client not found/,
    and: (about) => absence(about) === 'unknown',
    detail: 'There is no client {client} on this server.',
    fix: 'Send the client_id as the dashboard shows it; upper and lower case are different. A client of another server, such as the test system, is not known here.',
    with: (about) => ({ client: name(about) }),
    values: presented('client_id'),
  },
  {
    code: 'client_disabled',
    when: /client not found/,
    and: (about) => absence(about) === 'disabled',
    detail: 'The client is disabled, so it is treated as if it did not exist.',
    fix: 'Enable it, if it is to be used again.',
    values: presented('disabled'),
  },
  {
    code: 'client_quarantined',
    when: /client not found/,
    and: (about) => absence(about) === 'quarantined',
    detail: 'The client registered itself, was not used for long, and was set aside.',
    fix: 'Have it registered again, or take it out of quarantine.',
    values: presented('client_id'),
  },
  {
    code: 'client_expired',
    when: /client not found/,
    and: (about) => absence(about) === 'expired',
    detail: 'The client registered itself for a time, which is over.',
    fix: 'Have it register again.',
    values: presented('client_id'),
  },
  {
    code: 'client_served',
    when: /client not found/,
    and: (about) => absence(about) === 'served',
    detail: 'The client could not be found at that time; it is there now.',
    fix: 'Try again.',
    values: presented('client_id'),
  },
  {
    code: 'profile',
    when: /does not meet its FAPI profile/,
    detail:
      'The client breaks its own security profile ({words}) and is not served until it meets it.',
    with: ({ seen }) => ({ words: seen.detail ?? '' }),
    fix: 'See the compliance of the client: it names the property and the change.',
    values: ({ client }) => ({
      about: 'fapi_profile',
      ...(client?.metadata.fapi_profile && { registered: [client.metadata.fapi_profile] }),
    }),
  },
  {
    code: 'secret_expired',
    case: 'secret_missing',
    when: /invalid secret provided|client secret .*is expired/,
    and: (about) => hasNoSecret(about) && ended(about) === 0,
    detail: 'The client has no valid secret.',
    fix: 'Add a secret and give it to the application.',
    values: secret,
  },
  {
    code: 'secret_expired',
    when: /invalid secret provided|client secret .*is expired/,
    and: hasNoSecret,
    detail: 'The client has no valid secret: the last one expired on {day}.',
    fix: 'Add a secret and give it to the application.',
    with: (about) => ({ day: day(ended(about)) }),
    values: secret,
  },
  {
    code: 'secret_wrong',
    when: /invalid secret provided|client secret .*is expired/,
    detail:
      'The secret that was sent is none of the client’s valid secrets ({valid} valid, {expired} expired).',
    fix: 'Compare where the application takes it from: an old secret after a rotation, a line break at its end, and a value that was URL-encoded twice are what it mostly is. A secret cannot be shown again; add a new one if it is lost.',
    with: (about) => ({
      valid: String(usable(about).length),
      expired: String((about.client?.secrets.length ?? 0) - usable(about).length),
    }),
    values: secret,
  },
  {
    code: 'method',
    when: /mechanism does not match the registered|the registered authentication method is/,
    detail: 'The client authenticated itself by {sent}, and is registered for {registered}.',
    with: ({ seen, client }) => ({
      sent: seen.method ?? '–',
      registered: client?.metadata.token_endpoint_auth_method ?? '–',
    }),
    fix: 'Set the method in the application’s library to the registered one; or register the other, if the application can do no better.',
    values: method,
  },
  {
    code: 'method_several',
    when: /only be provided using one mechanism/,
    detail: 'The client authenticated itself in several ways in one request.',
    fix: 'Send one: the Authorization header, client_secret, or client_assertion.',
    values: method,
  },
  {
    code: 'method_missing',
    when: /no client authentication mechanism provided/,
    detail:
      'The request says nothing of who sends it: neither an Authorization header nor a client_id arrived.',
    fix: 'Send client_id in the body, or the Authorization header; look whether a proxy removes it, and whether the body is application/x-www-form-urlencoded.',
    values: method,
  },
  {
    code: 'authorization_header',
    when: /invalid authorization header value format|not properly encoded|must be provided in the Authorization header/,
    detail: 'The Authorization header is not what client_secret_basic makes.',
    fix: 'URL-encode id and secret, join them by a colon, encode that as base64 (RFC 6749, section 2.3.1).',
    values: method,
  },
  {
    code: 'too_many_attempts',
    when: /^temporarily_unavailable/,
    detail: 'The client failed to authenticate too often from that address and has to wait.',
    fix: 'Mend what failed before; the failures before this one say what it was. It opens by itself.',
  },
  {
    code: 'certificate',
    when: /certificate/,
    detail: 'The client certificate was not accepted: {words}.',
    with: ({ seen }) => ({ words: seen.detail ?? seen.error_description ?? '' }),
    fix: 'Compare the certificate that the application presents with the registered subject or key.',
    values: method,
  },
  {
    code: 'assertion',
    when: /^invalid_client: .*;.*(jwt|assertion|alg mismatch|aud|iss|signature|jwks|JWS|JWT|key)|client_assertion/i,
    detail: 'The client’s assertion was not accepted: {words}.',
    with: ({ seen }) => ({ words: seen.detail ?? seen.error_description ?? '' }),
    fix: 'Signed with a registered key and algorithm, iss and sub the client_id, aud the issuer of this server, a new jti each time, exp within minutes (RFC 7523, section 3).',
    values: method,
  },
];
