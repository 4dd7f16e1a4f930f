/** The device flow (RFC 8628) as devices and people go through it. */
import { DEVICE_CODE } from '../../src/clients/values.ts';
import {
  type Agent,
  type Choice,
  type Credentials,
  createAgent,
  isConsent,
  isLogin,
  type Page,
} from '../support/agent.ts';
import type { Answer, Fields, Op, TestClient } from '../support/op.ts';
import { postAs } from './requests.ts';

export const scope = 'openid profile email phone';

/** What the device is answered. */
export interface Asked {
  device_code: string;
  user_code: string;
  verification_uri: string;
  verification_uri_complete: string;
  verification_uri_qr: string;
}

/** A client of the type `device`. */
export const createDevice = (op: Op, metadata: object = {}): Promise<TestClient> =>
  op.createClient({ type: 'device', redirect_uris: [], ...metadata });

export const ask = async (op: Op, client: TestClient, fields: Fields = {}): Promise<Asked> =>
  (await postAs(op, client, '/device/authorize', { scope, ...fields })).body;

export const poll = (op: Op, client: TestClient, { device_code }: Asked): Promise<Answer> =>
  postAs(op, client, '/token', { grant_type: DEVICE_CODE, device_code });

/** Status and error code. */
export const refusal = ({ status, body }: Answer): [number, string] => [status, body.error];

/** Types a code in, and stops at what that leads to. */
export const enter = async (op: Op, agent: Agent, user_code: string): Promise<Page> =>
  agent.submit(await agent.visit(`${op.issuer}/device`), { user_code });

/** Goes all the way: enters the code, says that it is theirs, signs in and consents. */
export async function letIn(
  op: Op,
  asked: Asked,
  person: Credentials & Choice,
  agent: Agent = createAgent(op.issuer),
): Promise<Page> {
  let page = await agent.submit(await enter(op, agent, asked.user_code), { confirm: 'yes' });
  if (isLogin(page)) page = await agent.login(page, person);
  if (isConsent(page)) page = await agent.consent(page, person);
  return page;
}

/** Tokens by device code, all the way. @throws when the device gets none */
export async function obtain(op: Op, client: TestClient, person: Credentials & Choice) {
  const asked = await ask(op, client);
  await letIn(op, asked, person);
  const { status, body } = await poll(op, client, asked);
  if (status !== 200) throw new Error(`no tokens: ${JSON.stringify(body)}`);
  return { asked, tokens: body };
}
