/** What somebody should look after is found in time: credentials that end, and what nobody uses. */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { pass } from '../flows/clock.ts';
import { createAgent, leftFor } from '../support/agent.ts';
import { issue } from '../support/certificates.ts';
import { CALLBACK, type Op, startOp, type TestClient } from '../support/op.ts';
import { createRp } from '../support/rp.ts';

const day = 86_400;
const now = () => Math.floor(Date.now() / 1000);

describe.each(['memory', 'sqlite'])('on the store %s', (store) => {
  let op: Op;
  beforeEach(async () => {
    op = await startOp({ mtls: { mode: 'proxy' } }, { store });
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await op?.close();
  });

  const list = async (query: Record<string, string | number>): Promise<TestClient[]> => {
    const search = new URLSearchParams(query as Record<string, string>);
    const { status, body } = await op.admin(`/clients?${search}`);
    expect({ query, status }).toEqual({ query, status: 200 });
    return body.items;
  };
  const ids = async (query: Record<string, string | number>) =>
    (await list(query)).map(({ client_id }) => client_id);
  const attention = async () => (await op.admin('/attention')).body;
  const patch = (id: string, body: object) => op.admin(`/clients/${id}`, { method: 'PATCH', body });

  /** Gives a client another secret; those it has end in `days`. */
  const rotate = async (client_id: string, days: number, expires_in?: number) => {
    const body = { overlap: days * day, ...(expires_in && { expires_in }) };
    const { status } = await op.admin(`/clients/${client_id}/secrets`, { method: 'POST', body });
    expect(status).toBe(201);
  };

  test('clients are found by when their last secret ends, soonest first', async () => {
    for (const client_id of ['late', 'never', 'soon', 'rotated'])
      await op.createClient({ client_id });
    await rotate('late', 1, 50 * day);
    await rotate('soon', 1, 20 * day);
    // An older secret ends, the newer one does not.
    await rotate('rotated', 1);
    const within = (days: number) => ({
      credentials_expire_before: now() + days * day,
      sort: 'credentials_expire',
    });
    expect(await ids(within(30))).toEqual(['soon']);
    expect(await ids(within(60))).toEqual(['soon', 'late']);
    expect(await ids({ ...within(60), sort: '-name' })).toEqual(['soon', 'late']);
    expect(await ids({ ...within(60), type: 'device' })).toEqual([]);
    expect(await ids({ sort: 'credentials_expire' })).toEqual(['soon', 'late']);
    const [soon] = await list(within(30));
    expect(soon?.credentials_expire_at).toBe(soon?.client_secret_expires_at);
    expect(await attention()).toMatchObject({
      expiring: { count: 1, more: false },
      expired: { count: 0, more: false },
    });

    pass(21 * day);
    expect(await attention()).toMatchObject({ expiring: { count: 2 }, expired: { count: 1 } });
    // Disabled: looked after. Given a secret that stays: out of danger.
    await patch('late', { disabled: true });
    await rotate('soon', 1);
    expect(await ids(within(60))).toEqual(['late']);
    expect(await attention()).toMatchObject({ expiring: { count: 0 }, expired: { count: 0 } });
  });

  test('a certificate that is registered for authentication ends like a secret', async () => {
    const { jwk, certificate } = issue({ days: [-1, 10] });
    await op.createClient({
      client_id: 'certified',
      token_endpoint_auth_method: 'self_signed_tls_client_auth',
      jwks: { keys: [jwk] } as never,
    });
    const [found] = await list({ credentials_expire_before: now() + 30 * day });
    expect(found).toMatchObject({
      client_id: 'certified',
      credentials_expire_at: Date.parse(certificate.validTo) / 1000,
    });
    expect(await ids({ credentials_expire_before: now() + 9 * day - 60 })).toEqual([]);
  });

  test('more than a hundred are told of as such', async () => {
    for (let made = 0; made < 102; made += 1) {
      const { client_id } = await op.createClient();
      await rotate(client_id, 1, 5 * day);
    }
    const { expiring, expired } = await attention();
    expect(expiring).toEqual({ count: 100, more: true });
    expect(expired).toEqual({ count: 0, more: false });
  }, 60_000);

  test('redirect URIs that nobody comes back to are found at clients that are used', async () => {
    const other = 'https://rp.example/old';
    const redirect_uris = [CALLBACK, other];
    const [used, both, idle] = await Promise.all(
      ['used', 'both', 'idle'].map((client_id) => op.createClient({ client_id, redirect_uris })),
    );
    const person = await op.createAccount();
    const signIn = async (client: TestClient, uris: string[]) =>
      (await createRp(op.issuer, { ...client, redirect_uris: uris })).signIn(person);
    await signIn(both as TestClient, [other]);
    pass(91 * day);
    await signIn(used as TestClient, [CALLBACK]);
    await signIn(both as TestClient, [CALLBACK]);

    const since = now() - 90 * day;
    const query = { redirect_uris_unused_since: since };
    expect(await ids(query)).toEqual(['both', 'used']);
    expect(await ids({ unused_since: since, origin: 'api' })).toEqual([idle?.client_id]);
    expect(await ids({ ...query, unused_since: since })).toEqual([]);
    expect(await attention()).toMatchObject({
      complete: true,
      unused: expect.any(Number),
      redirect_uris_unused: 2,
    });
    const { body } = await op.admin('/clients/both');
    expect(body.redirect_uris_last_used[other]).toBeLessThan(since);
    expect(body.redirect_uris_last_used[CALLBACK]).toBeGreaterThan(since);

    // A change may have added one: what was never used counts from then, what was used does not.
    await patch('used', { client_name: 'Changed' });
    await patch('both', { client_name: 'Changed' });
    expect(await ids(query)).toEqual(['both']);
    await patch('both', { redirect_uris: [CALLBACK] });
    expect(await ids(query)).toEqual([]);
  });

  test('a program at another port of loopback has used the address that is registered', async () => {
    const registered = 'http://127.0.0.1/callback';
    const client = await op.createClient({ type: 'native', redirect_uris: [registered] });
    const person = await op.createAccount();
    for (const port of [4711, 4712]) {
      const sent = { ...client, redirect_uris: [`http://127.0.0.1:${port}/callback`] };
      const { url } = await (await createRp(op.issuer, sent)).start();
      leftFor(await createAgent(op.issuer).authorize(url, person));
    }
    const { body } = await op.admin(`/clients/${client.client_id}`);
    expect(body.redirect_uris_last_used).toEqual({ [registered]: expect.any(Number) });
  });

  test('is told to whoever may read clients, and nobody else', async () => {
    expect((await op.get('/api/v1/attention')).status).toBe(401);
    const { client_id, client_secret } = op.adminClient;
    const { body } = await op.post(
      '/token',
      { grant_type: 'client_credentials', resource: `${op.issuer}/api/v1`, scope: 'keys:read' },
      { basic: [client_id, client_secret] },
    );
    const headers = { authorization: `Bearer ${body.access_token}` };
    expect((await op.get('/api/v1/attention', headers)).status).toBe(403);
  });
});
