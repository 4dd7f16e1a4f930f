import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createAgent } from './support/agent.ts';
import { type Mongo, NO_MONGO, startMongo } from './support/mongo.ts';
import { type Op, startOp } from './support/op.ts';
import { createRp } from './support/rp.ts';

const mongo = await startMongo();
const usable = mongo?.owned === true;
if (!usable) console.log(mongo ? 'MONGODB_URI cannot be stopped by a test' : NO_MONGO);

(usable ? describe : describe.skip)('when the database is lost', () => {
  let op: Op;
  beforeAll(async () => {
    op = await startOp({}, { store: (mongo as Mongo).url });
  });
  afterAll(async () => {
    await op?.close();
    await mongo?.stop();
  });

  const create = (n: number) =>
    op.admin('/accounts', {
      method: 'POST',
      body: { email: `person${n}@example.com`, password: 'correct horse battery' },
    });

  test('requests fail with 503, come back by themselves, and nothing acknowledged is lost', async () => {
    const client = await op.createClient();
    const rp = await createRp(op.issuer, client);
    const acknowledged: string[] = [];
    for (let n = 0; n < 5; n += 1) acknowledged.push((await create(n)).body.id);

    await (mongo as Mongo).kill();
    const api = await create(5);
    expect(api).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(api.headers.get('retry-after')).toBe('2');
    const basic = [client.client_id, client.client_secret ?? ''] as const;
    const token = await op.post(
      '/token',
      { grant_type: 'refresh_token', refresh_token: 'x' },
      { basic },
    );
    expect(token.status).toBe(503);
    expect(JSON.stringify(token.body)).not.toMatch(/mongo|ECONN|127\.0\.0\.1:\d+/i);
    const agent = createAgent(op.issuer);
    const page = await agent.visit((await rp.start()).url);
    expect(page.status).toBe(503);
    expect(page.html).not.toMatch(/mongo|ECONN/i);
    expect((await op.get('/health/ready')).status).toBe(503);
    expect((await op.get('/health/live')).status).toBe(200);
    // What is the same for everyone does not need the store.
    expect((await op.get('/jwks')).status).toBe(200);

    await (mongo as Mongo).restart();
    const deadline = Date.now() + 20_000;
    while ((await op.get('/health/ready')).status !== 200) {
      if (Date.now() > deadline) throw new Error('it did not come back');
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    for (const id of acknowledged) expect((await op.admin(`/accounts/${id}`)).status).toBe(200);
    const person = await op.createAccount();
    const { claims } = await rp.signIn(person);
    expect(claims.sub).toBe(person.id);
  }, 60_000);
});
