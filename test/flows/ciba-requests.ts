/** Client-Initiated Backchannel Authentication (CIBA) as clients and people go through it. */
import type { ClientMetadataInput } from '../../src/clients/metadata.ts';
import { CIBA } from '../../src/clients/values.ts';
import {
  type Agent,
  type Choice,
  type Credentials,
  createAgent,
  type Page,
} from '../support/agent.ts';
import { type Mail, mailsIn, until } from '../support/mail.ts';
import type { Answer, Fields, Op, TestClient } from '../support/op.ts';
import { postAs } from './requests.ts';

export const scope = 'openid profile email phone';

/** What the client is answered. */
export interface Asked {
  auth_req_id: string;
  expires_in: number;
}

export const createAsker = (op: Op, more: Partial<ClientMetadataInput> = {}): Promise<TestClient> =>
  op.createClient({
    type: 'web',
    grant_types: ['authorization_code', 'refresh_token', CIBA],
    backchannel_token_delivery_mode: 'poll',
    ...more,
  });

/** Asks, and answers as the server does. */
export const send = (op: Op, client: TestClient, fields: Fields): Promise<Answer> =>
  postAs(op, client, '/backchannel', { scope, ...fields });

export const poll = (op: Op, client: TestClient, { auth_req_id }: Asked): Promise<Answer> =>
  postAs(op, client, '/token', { grant_type: CIBA, auth_req_id });

/** The e-mails that a person got, oldest first, as soon as there are so many. */
export const mailsTo = (op: Op, email: string, count = 1): Promise<Mail[]> =>
  until(`e-mail no. ${count} to ${email}`, () => {
    const mails = mailsIn(op.config.mail.folder).filter(({ headers }) =>
      headers.get('to')?.includes(email),
    );
    // A file that is still being written has no link yet.
    return mails.length >= count && mails.every(({ link }) => link) ? mails : undefined;
  });

/** Asks for a person's approval. @throws when the client may not; @returns the link that the person got, too */
export async function ask(
  op: Op,
  client: TestClient,
  person: { email: string },
  fields: Fields = {},
): Promise<Asked & { link: string }> {
  const before = mailsIn(op.config.mail.folder).length;
  const { status, body } = await send(op, client, { login_hint: person.email, ...fields });
  if (status !== 200) throw new Error(`not asked: ${JSON.stringify(body)}`);
  const link = await until(
    'e-mail',
    () => mailsIn(op.config.mail.folder)[before]?.link || undefined,
  );
  return { ...body, link };
}

/** Follows the link and decides. */
export async function decide(
  op: Op,
  link: string,
  { password, decision = 'allow', untick = [] }: Pick<Credentials, 'password'> & Choice,
  agent: Agent = createAgent(op.issuer),
): Promise<Page> {
  const page = await agent.visit(link);
  const shown = page.forms[0]?.boxes ?? [];
  const ticked = (name: string) =>
    shown
      .filter((box) => box.name === name && box.checked && !untick.includes(box.value))
      .map(({ value }) => value);
  return agent.submit(page, {
    scope: ticked('scope'),
    claim: ticked('claim'),
    ...(decision === 'allow' && { password }),
    decision,
  });
}
