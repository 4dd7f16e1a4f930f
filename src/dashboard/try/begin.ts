/** The first request of each flow. */
import { hash } from 'node:crypto';
import { decodeJwt, exportJWK, generateKeyPair } from 'jose';

import { newId } from '../../lib/ids.ts';
import { authenticate, sign } from './credentials.ts';
import { exchange, maskedPairs } from './exchange.ts';
import type { Registered } from './registered.ts';
import { requestTokens } from './token-request.ts';
import type { Credentials, Device, Sent, Step, Try } from './try.ts';
import type { Workbench } from './workbench.ts';

/** What the form said. */
export interface Wish {
  flow: Try['flow'];
  credentials: Credentials;
  scope: string;
  resource?: string;
  response_type: string;
  response_mode?: string;
  redirect_uri: string;
  prompt?: string;
  binding_message?: string;
}

interface Beginning {
  bench: Workbench;
  client: Registered;
  wish: Wish;
  attempt: Try;
  /** The dashboard's own ID token, which says who the administrator is. */
  idToken: string;
}

/** Members whose value is undefined or empty are not sent. */
const given = (values: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).filter((pair): pair is [string, string] => Boolean(pair[1])),
  );

/** The request as it stands in the address, before anybody followed it. */
function linked(issuer: string, parameters: Record<string, string>, key: string): Step {
  return {
    name: 'authorize',
    request: {
      method: 'GET',
      address: `${issuer}/authorize`,
      headers: [],
      parameters: maskedPairs(parameters),
    },
    means: [{ key: `means.${key}` }],
  };
}

async function beginPeople({ bench, client, wish, attempt }: Beginning): Promise<void> {
  const { issuer, base } = bench;
  const { client_id } = client;
  const { credentials, flow: _, ...wanted } = wish;
  const withCode = wish.response_type.includes('code');
  const sent: Sent = {
    response_type: wish.response_type,
    redirect_uri: wish.redirect_uri,
    state: newId(),
    nonce: newId(),
    verifier: newId(256),
    ...(wish.resource && { resource: wish.resource }),
  };
  const whole = given({
    client_id,
    ...wanted,
    state: sent.state,
    nonce: sent.nonce,
    ...(withCode && {
      code_challenge: hash('sha256', sent.verifier, 'base64url'),
      code_challenge_method: 'S256',
    }),
  });
  // RFC 9101: the parameters as claims of a signed request object.
  const alg = client.request_object_signing_alg;
  const signed = client.require_signed_request_object || alg !== undefined;
  const parameters = signed
    ? {
        client_id,
        request: await sign(
          { ...whole, iss: client_id, aud: issuer },
          credentials,
          alg,
          'oauth-authz-req+jwt',
        ),
      }
    : whole;

  attempt.sent = sent;
  let query: Record<string, string> = parameters;
  if (client.require_pushed_authorization_requests) {
    const own = await authenticate({ issuer, client, credentials });
    const pushed = await exchange(bench, {
      name: 'par',
      path: '/par',
      headers: own.headers,
      parameters: { ...parameters, ...own.parameters },
    });
    attempt.steps.push(pushed.step);
    if (pushed.step.failed) return;
    pushed.step.means.push({ key: 'means.pushed' });
    query = { client_id, request_uri: String(pushed.body.request_uri) };
  }
  attempt.steps.push(linked(issuer, query, signed ? 'signed_request' : 'request'));
  attempt.address = `${base}/authorize?${new URLSearchParams(query)}`;
}

async function beginService({ bench, client, wish, attempt }: Beginning): Promise<void> {
  const { scope, resource } = wish;
  await requestTokens(bench, client, attempt, {
    name: 'service',
    parameters: given({ grant_type: 'client_credentials', scope, resource }),
  });
}

async function beginDevice({ bench, client, wish, attempt }: Beginning): Promise<void> {
  const { scope, resource, credentials } = wish;
  const own = await authenticate({ issuer: bench.issuer, client, credentials });
  const { body, step } = await exchange(bench, {
    name: 'device',
    path: '/device/authorize',
    headers: own.headers,
    parameters: { ...given({ scope, resource }), ...own.parameters },
  });
  attempt.steps.push(step);
  if (step.failed) return;
  step.means.push({ key: 'means.device' });
  attempt.device = body as unknown as Device;
}

async function beginCiba({ bench, client, wish, attempt, idToken }: Beginning): Promise<void> {
  const { issuer } = bench;
  const { scope, resource, binding_message, credentials } = wish;
  const { email } = decodeJwt(idToken);
  const pings = client.backchannel_token_delivery_mode === 'ping';
  const whole = given({
    scope,
    resource,
    binding_message,
    // Nobody but the administrator is ever asked.
    login_hint: String(email),
    ...(pings && { client_notification_token: newId() }),
  });
  const alg = client.backchannel_authentication_request_signing_alg;
  const { client_id } = client;
  const parameters =
    alg === undefined
      ? whole
      : { request: await sign({ ...whole, iss: client_id, aud: issuer }, credentials, alg) };
  const own = await authenticate({ issuer, client, credentials });
  const { body, step } = await exchange(bench, {
    name: 'ciba',
    path: '/backchannel',
    headers: own.headers,
    parameters: { ...parameters, ...own.parameters },
  });
  attempt.steps.push(step);
  if (step.failed) return;
  step.means.push({ key: 'means.ciba' });
  attempt.request = String(body.auth_req_id);
}

const beginnings: Readonly<Record<Try['flow'], (about: Beginning) => Promise<void>>> = {
  people: beginPeople,
  service: beginService,
  device: beginDevice,
  ciba: beginCiba,
};

/** Begins a try; what came of it is in its steps. */
export async function begin(about: Omit<Beginning, 'attempt'>): Promise<Try> {
  const { bench, client, wish } = about;
  const attempt: Try = {
    client: client.client_id,
    flow: wish.flow,
    credentials: wish.credentials,
    steps: [],
  };
  if (client.dpop_bound_access_tokens) {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true });
    attempt.proof = await exportJWK(privateKey);
  }
  await beginnings[wish.flow]({ ...about, attempt });
  await bench.keep(attempt);
  return attempt;
}
