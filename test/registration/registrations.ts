/** What registering by oneself looks like over HTTP, for the tests of this folder. */
import type { Answer, Op } from '../support/op.ts';
import { CALLBACK } from '../support/op.ts';

interface Sent {
  token?: string | undefined;
  body?: unknown;
  headers?: Record<string, string>;
}

/** Sends JSON to a path of the server, or to an address that it gave. */
export async function send(
  op: Op,
  method: string,
  where: string,
  { token, body, headers }: Sent = {},
): Promise<Answer> {
  const response = await fetch(new URL(where, op.issuer), {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text.startsWith('{') ? JSON.parse(text) : text,
  };
}

/** An initial access token of this policy, or of the policy with this name. */
export async function tokenFor(
  op: Op,
  policy: unknown = {},
  more: { uses?: number; expires_in?: number } = { uses: 100 },
): Promise<string> {
  const made = await op.admin('/registration-tokens', {
    method: 'POST',
    body: { policy, ...more },
  });
  if (made.status !== 201) throw new Error(JSON.stringify(made.body));
  return made.body.token;
}

export const webClient = { redirect_uris: [CALLBACK], client_name: 'An application' };

/** Registers; a web application unless said otherwise. */
export const register = (op: Op, token: string | undefined, body: unknown = webClient) =>
  send(op, 'POST', '/register', { token, body });

/** The same, and it works. */
export async function registered(op: Op, token: string | undefined, body: unknown = webClient) {
  const answer = await register(op, token, body);
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  return answer.body;
}

/** A client's metadata as it would send them back in an update. */
export function updatable(information: Record<string, unknown>): Record<string, unknown> {
  const {
    registration_access_token: _token,
    registration_client_uri: _uri,
    client_secret_expires_at: _expires,
    client_id_issued_at: _issued,
    ...rest
  } = information;
  return rest;
}

/** Updates with the token and at the address that the client was given. */
export const update = (
  op: Op,
  information: Record<string, unknown>,
  changes: Record<string, unknown> = {},
) =>
  send(op, 'PUT', String(information.registration_client_uri), {
    token: String(information.registration_access_token),
    body: { ...updatable(information), ...changes },
  });

/** The pointers of what was found wrong. */
export const pointersOf = ({ body }: Answer): string[] =>
  (body.errors ?? []).map(({ pointer }: { pointer: string }) => pointer);
