/** Requests that no library would send: each parameter is the test's own. */
import { hash, randomBytes } from 'node:crypto';
import {
  type Agent,
  type Choice,
  type Credentials,
  createAgent,
  leftFor,
} from '../support/agent.ts';
import {
  type Answer,
  CALLBACK,
  type Fields,
  formOf,
  type Op,
  type TestClient,
} from '../support/op.ts';

const VERIFIER = randomBytes(32).toString('base64url');

export const pkce = {
  verifier: VERIFIER,
  challenge: hash('sha256', VERIFIER, 'base64url'),
};

/** An authorization request; `undefined` leaves a parameter out. */
export function authorizeUrl(op: Op, client: { client_id: string }, fields: Fields = {}): string {
  const query = formOf({
    client_id: client.client_id,
    response_type: 'code',
    redirect_uri: CALLBACK,
    scope: 'openid',
    code_challenge: pkce.challenge,
    code_challenge_method: 'S256',
    state: 'some-state',
    ...fields,
  });
  return `${op.issuer}/authorize?${query}`;
}

/** A code for a person who logs in, and allows what is not unticked. */
export async function obtainCode(
  op: Op,
  client: { client_id: string },
  person: Credentials & Choice,
  fields: Fields = {},
  agent: Agent = createAgent(op.issuer),
): Promise<string> {
  const left = leftFor(await agent.authorize(authorizeUrl(op, client, fields), person));
  const code = left.searchParams.get('code');
  if (!code) throw new Error(`no code: ${left}`);
  return code;
}

type Registered = Pick<TestClient, 'client_id' | 'client_secret'>;

/** Posts as a client does that has no secret or authenticates with `client_secret_basic`. */
export const postAs = (
  op: Op,
  { client_id, client_secret }: Registered,
  path: string,
  fields: Fields,
): Promise<Answer> =>
  client_secret === undefined
    ? op.post(path, { client_id, ...fields })
    : op.post(path, { client_id, ...fields }, { basic: [client_id, client_secret] });

export const redeem = (op: Op, client: Registered, code: string, fields: Fields = {}) =>
  postAs(op, client, '/token', {
    grant_type: 'authorization_code',
    code,
    redirect_uri: CALLBACK,
    code_verifier: pkce.verifier,
    ...fields,
  });

export const refresh = (op: Op, client: Registered, token: string, fields: Fields = {}) =>
  postAs(op, client, '/token', { grant_type: 'refresh_token', refresh_token: token, ...fields });

export const introspect = async (op: Op, client: Registered, token: string) =>
  (await postAs(op, client, '/introspect', { token })).body;

/** Tokens by code, all the way. @throws when the code is refused */
export async function obtainTokens(
  op: Op,
  client: Registered,
  person: Credentials & Choice,
  fields: Fields = {},
  agent?: Agent,
) {
  const code = await obtainCode(op, client, person, fields, agent);
  const { status, body } = await redeem(op, client, code, { resource: fields.resource });
  if (status !== 200) throw new Error(`no tokens: ${JSON.stringify(body)}`);
  return body;
}

export const userInfo = (op: Op, token: string) =>
  op.get('/userinfo', { authorization: `Bearer ${token}` });
