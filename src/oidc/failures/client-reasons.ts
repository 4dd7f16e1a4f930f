import { isValid } from '../../clients/secrets.ts';
import { epoch } from '../../lib/time.ts';
import type { Case, Row } from './reason.ts';

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

const absences = {
  unknown: {
    detail: (about: Case) => `There is no client ${name(about)} on this server.`,
    fix: 'Send the client_id as the dashboard shows it; upper and lower case are different. A client of another server, such as the test system, is not known here.',
  },
  disabled: {
    detail: () => 'The client is disabled, so it is treated as if it did not exist.',
    fix: 'Enable it, if it is to be used again.',
  },
  quarantined: {
    detail: () => 'The client registered itself, was not used for long, and was set aside.',
    fix: 'Have it registered again, or take it out of quarantine.',
  },
  expired: {
    detail: () => 'The client registered itself for a time, which is over.',
    fix: 'Have it register again.',
  },
  served: {
    detail: () => 'The client could not be found at that time; it is there now.',
    fix: 'Try again.',
  },
};

const usable = ({ client }: Case) => client?.secrets.filter((secret) => isValid(secret)) ?? [];
const ended = ({ client }: Case) =>
  Math.max(0, ...(client?.secrets.map((secret) => secret.expires ?? 0) ?? []));
const hasNoSecret = (about: Case) => about.client !== undefined && usable(about).length === 0;

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
    code: (about) => `client_${absence(about)}`,
    when: /client not found/,
    detail: (about) => absences[absence(about)].detail(about),
    fix: (about) => absences[absence(about)].fix,
    values: (about) => ({
      about: absence(about) === 'disabled' ? 'disabled' : 'client_id',
      ...(about.seen.client_id && { sent: about.seen.client_id }),
    }),
  },
  {
    code: 'profile',
    when: /does not meet its FAPI profile/,
    detail: ({ seen }) =>
      `The client breaks its own security profile (${seen.detail ?? ''}) and is not served until it meets it.`,
    fix: 'See the compliance of the client: it names the property and the change.',
    values: ({ client }) => ({
      about: 'fapi_profile',
      ...(client?.metadata.fapi_profile && { registered: [client.metadata.fapi_profile] }),
    }),
  },
  {
    code: (about) => (hasNoSecret(about) ? 'secret_expired' : 'secret_wrong'),
    when: /invalid secret provided|client secret .*is expired/,
    detail: (about) =>
      hasNoSecret(about)
        ? `The client has no valid secret${ended(about) > 0 ? `: the last one expired on ${day(ended(about))}` : ''}.`
        : 'The secret that was sent is none of the client’s valid secrets.',
    fix: (about) =>
      hasNoSecret(about)
        ? 'Add a secret and give it to the application.'
        : 'Compare where the application takes it from: an old secret after a rotation, a line break at its end, and a value that was URL-encoded twice are what it mostly is. A secret cannot be shown again; add a new one if it is lost.',
    values: (about) => ({
      about: 'client_secret',
      ...(about.seen.method && { sent: `by ${about.seen.method}` }),
      registered: [
        `${usable(about).length} valid, ${(about.client?.secrets.length ?? 0) - usable(about).length} expired`,
      ],
    }),
  },
  {
    code: 'method',
    when: /mechanism does not match the registered|the registered authentication method is/,
    detail: ({ seen, client }) =>
      `The client authenticated itself by ${seen.method}, and is registered for ${client?.metadata.token_endpoint_auth_method ?? 'another method'}.`,
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
    detail: ({ seen }) =>
      `The client certificate was not accepted: ${seen.detail ?? seen.error_description ?? ''}.`,
    fix: 'Compare the certificate that the application presents with the registered subject or key.',
    values: method,
  },
  {
    code: 'assertion',
    when: /^invalid_client: .*;.*(jwt|assertion|alg mismatch|aud|iss|signature|jwks|JWS|JWT|key)|client_assertion/i,
    detail: ({ seen }) =>
      `The client’s assertion was not accepted: ${seen.detail ?? seen.error_description ?? ''}.`,
    fix: 'Signed with a registered key and algorithm, iss and sub the client_id, aud the issuer of this server, a new jti each time, exp within minutes (RFC 7523, section 3).',
    values: method,
  },
];
