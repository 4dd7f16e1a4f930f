/** What the tests of secrets do with a server's clients. */
import { expect } from '@jest/globals';
import { SignJWT } from 'jose';
import type { Answer, Op, TestClient } from '../support/op.ts';

export interface SecretView {
  id: string;
  name?: string;
  prefix: string;
  created: number;
  expires?: number;
  last_used?: number;
}

const now = () => Math.floor(Date.now() / 1000);
export const at = ({ client_id }: { client_id: string }, rest = '') =>
  `/clients/${client_id}${rest}`;

/** Speaks about secrets with a server, and remembers every one that it was told. */
export function secretsOn(op: Op) {
  const told: string[] = [];
  const remember = <T extends { client_secret?: string }>(body: T): T => {
    if (body.client_secret !== undefined) told.push(body.client_secret);
    return body;
  };
  const makeClient = async (metadata: object = {}): Promise<TestClient> =>
    remember(await op.createClient(metadata));
  const patch = async (client: TestClient, body: object): Promise<Answer> => {
    const answer = await op.admin(at(client), { method: 'PATCH', body });
    remember(answer.body);
    return answer;
  };
  const addSecret = async (client: TestClient, body: object = {}): Promise<Answer> => {
    const answer = await op.admin(at(client, '/secrets'), { method: 'POST', body });
    remember(answer.body);
    return answer;
  };
  const removeSecret = (client: TestClient, id: string, headers = {}) =>
    op.admin(at(client, `/secrets/${id}`), { method: 'DELETE', headers });
  const secretsOf = async (client: TestClient): Promise<SecretView[]> =>
    (await op.admin(at(client))).body.secrets;

  /** Whether a secret opens the token endpoint; what is asked there is known to nobody. */
  const opens = async (
    { client_id }: TestClient,
    secret: string,
    method = 'client_secret_basic',
  ) => {
    const grant = { grant_type: 'refresh_token', refresh_token: 'x' };
    const ways: Record<string, () => Promise<Answer>> = {
      client_secret_basic: () => op.post('/token', grant, { basic: [client_id, secret] }),
      client_secret_post: () => op.post('/token', { ...grant, client_id, client_secret: secret }),
      client_secret_jwt: async () =>
        op.post('/token', {
          ...grant,
          client_id,
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: await new SignJWT({ jti: crypto.randomUUID() })
            .setProtectedHeader({ alg: 'HS256' })
            .setIssuer(client_id)
            .setSubject(client_id)
            .setAudience(op.issuer)
            .setIssuedAt(now())
            .setExpirationTime(now() + 60)
            .sign(Buffer.from(secret)),
        }),
    };
    const presented = await ways[method]?.();
    expect(['invalid_grant', 'invalid_client']).toContain(presented?.body.error);
    return presented?.body.error === 'invalid_grant';
  };
  return { told, makeClient, patch, addSecret, removeSecret, secretsOf, opens, remember };
}
