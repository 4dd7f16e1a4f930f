/**
 * A client is read from the store once in a process, and a change made in another process is seen
 * within the store's bound. The other process is a real one, on the same store.
 */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { clientsCollection } from '../../src/clients/client.ts';
import { newId } from '../../src/lib/ids.ts';
import type { Collection, Store } from '../../src/store/store.ts';
import { type Served, serve, temporaryFolder } from '../flows/child.ts';
import { authorizeUrl, obtainTokens, postAs } from '../flows/requests.ts';
import { createAgent, wordsOf } from '../support/agent.ts';
import { type Mongo, NO_MONGO, startMongo } from '../support/mongo.ts';
import { type Op, startOp, type TestClient } from '../support/op.ts';

const mongo: Mongo | undefined = await startMongo();
const folder = temporaryFolder();
afterAll(async () => {
  await mongo?.stop();
  folder.remove();
});

/** Which client was read from the store, each time one was. */
const reads: string[] = [];

function watched(store: Store): Store {
  const collection: Store['collection'] = <T>(spec: typeof clientsCollection) => {
    const inner = store.collection<T>(spec);
    if (spec.name !== clientsCollection.name) return inner;
    const get: Collection<T>['get'] = (id) => {
      reads.push(id);
      return inner.get(id);
    };
    return { ...inner, get };
  };
  return { ...store, collection };
}

const stores = [
  { name: 'SQLite', url: `sqlite:${join(folder.path, 'shared.db')}` },
  { name: 'MongoDB', url: mongo?.url },
];

for (const { name, url } of stores) {
  if (url === undefined) {
    test.skip(`on ${name}: ${NO_MONGO}`, () => {});
    continue;
  }
  describe(`on ${name}`, () => {
    let op: Op;
    let other: Served;
    let client: TestClient;
    beforeAll(async () => {
      const secrets_key = newId(256);
      op = await startOp({ secrets_key }, { store: url, through: watched });
      other = await serve({ STORE_URL: url, SECRETS_KEY: secrets_key });
      client = await op.createClient({ client_name: 'First name' });
    }, 60_000);
    afterAll(async () => {
      await other?.stop();
      await op?.close();
    });

    const readsOfClient = () => reads.filter((id) => id === client.client_id).length;
    /** As long as another process may take to hear of a change, and to get a request. */
    const settle = () => pause(op.store.staleness + 250);
    const change = async (body: object) => {
      const at = `/clients/${client.client_id}`;
      expect((await other.admin(at, { method: 'PATCH', body })).status).toBe(200);
    };
    const shownName = async () =>
      wordsOf(await createAgent(op.issuer).visit(authorizeUrl(op, client)));
    const introspects = () => postAs(op, client, '/introspect', { token: 'x' });

    test('its flows read it once, however many there are', async () => {
      const account = await op.createAccount();
      await obtainTokens(op, client, account);
      await settle();
      await obtainTokens(op, client, account);
      const before = readsOfClient();
      for (let flow = 0; flow < 3; flow += 1) await obtainTokens(op, client, account);
      await introspects();
      expect(readsOfClient()).toBe(before);
    });

    test('a change in another process is seen within the bound, each time', async () => {
      for (const client_name of ['Second name', 'Third name']) {
        expect(await shownName()).not.toContain(client_name);
        await change({ client_name });
        await settle();
        expect(await shownName()).toContain(client_name);
      }
    });

    test('a secret that another process makes works here, and one that it deletes does not', async () => {
      const at = `/clients/${client.client_id}/secrets`;
      const made = await other.admin(at, { method: 'POST', body: { name: 'next' } });
      await settle();
      const next = { ...client, client_secret: made.body.client_secret };
      const token = (who: TestClient) => postAs(op, who, '/introspect', { token: 'x' });
      expect((await token(next)).status).toBe(200);
      expect((await token(client)).status).toBe(200);
      const [first] = made.body.secrets as { id: string }[];
      expect((await other.admin(`${at}/${first?.id}`, { method: 'DELETE' })).status).toBe(204);
      await settle();
      expect((await token(client)).status).toBe(401);
      expect((await token(next)).status).toBe(200);
    });

    test('a client that another process disables is refused here', async () => {
      await change({ disabled: true });
      await settle();
      expect((await introspects()).status).toBe(401);
      await change({ disabled: false });
      await settle();
      const page = await createAgent(op.issuer).visit(authorizeUrl(op, client));
      expect(page.html).toContain('password');
    });
  });
}
