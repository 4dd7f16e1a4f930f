/** Clients are found by what people remember of them, in pages that changes do not disturb. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CALLBACK, type Op, startOp } from '../support/op.ts';

interface Found {
  client_id: string;
  client_name?: string;
  created_at: number;
  updated_at: number;
}

const at = (id: string) => `/clients/${id}`;

describe.each(['memory', 'sqlite'])('on the store %s', (store) => {
  let op: Op;
  beforeAll(async () => {
    op = await startOp({}, { store });
    for (const client of clients) await op.createClient(client);
    await op.admin(at('dark'), { method: 'PATCH', body: { disabled: true } });
  });
  afterAll(() => op?.close());

  const clients = [
    {
      client_id: 'shop-1',
      client_name: 'Bücher Shop Köln',
      tags: ['retail', 'Köln'],
      redirect_uris: ['https://www.shop.example/callback', 'https://pay.shop.example/callback'],
    },
    { client_id: 'shop-2', client_name: 'Shopfitter', tags: ['retail'], first_party: false },
    { client_id: 'spa', type: 'single-page-application', client_name: 'Étagère' },
    { client_id: 'phone', type: 'native', client_name: 'Phone (beta)', first_party: false },
    { client_id: 'job', type: 'server-to-server', client_name: 'Nightly state job' },
    {
      client_id: 'bank',
      client_name: 'Bank',
      fapi_profile: 'fapi1-baseline',
      jwks: {
        keys: [
          {
            kty: 'EC',
            crv: 'P-256',
            x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
            y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
          },
        ],
      },
    },
    { client_id: 'dark', client_name: 'Dark shop', tags: ['state'] },
  ] satisfies Parameters<Op['createClient']>[0][];
  const own = new Set<string>(clients.map(({ client_id }) => client_id));

  const list = async (query: Record<string, string>): Promise<Found[]> => {
    const { status, body } = await op.admin(`/clients?${new URLSearchParams(query)}`);
    expect({ query, status }).toEqual({ query, status: 200 });
    return body.items;
  };
  const found = async (query: Record<string, string>) =>
    (await list({ limit: '500', ...query }))
      .map(({ client_id }) => client_id)
      .filter((id) => own.has(id));

  test.each<[Record<string, string>, string[]]>([
    [{ q: 'shop' }, ['dark', 'shop-1', 'shop-2']],
    [{ q: 'SHOP köln' }, ['shop-1']],
    [{ q: 'köln shop' }, ['shop-1']],
    [{ q: 'bu\u0308cher' }, ['shop-1']],
    [{ q: 'shopf' }, ['shop-2']],
    [{ q: 'hop' }, []],
    [{ q: 'beta' }, ['phone']],
    [{ q: 'étag' }, ['spa']],
    [{ q: 'shop-' }, ['shop-1', 'shop-2']],
    [{ q: 'JOB' }, ['job']],
    [{ q: 'retail' }, ['shop-1', 'shop-2']],
    [{ q: 'pay.shop.ex' }, ['shop-1']],
    [{ q: 'shop.example' }, ['shop-1']],
    [{ q: '' }, [...own].sort()],
    [{ q: '   ' }, [...own].sort()],
    // What filters are kept under is no word of anybody's.
    [{ q: 'state' }, ['dark', 'job']],
    [{ q: 'host' }, []],
    [{ q: 'tag:retail' }, []],
    [{ type: 'native' }, ['phone']],
    [{ type: 'web' }, ['bank', 'dark', 'shop-1', 'shop-2']],
    [{ profile: 'fapi1-baseline' }, ['bank']],
    [{ profile: 'none', type: 'web' }, ['dark', 'shop-1', 'shop-2']],
    [{ party: 'third' }, ['bank', 'phone', 'shop-2']],
    [{ party: 'first', type: 'native' }, []],
    [{ origin: 'api' }, [...own].sort()],
    [{ origin: 'registration' }, []],
    [{ tag: 'retail' }, ['shop-1', 'shop-2']],
    [{ tag: 'Köln' }, ['shop-1']],
    [{ tag: 'ret' }, []],
    [{ redirect_host: 'shop.example' }, ['shop-1']],
    [{ redirect_host: 'WWW.shop.example' }, ['shop-1']],
    [{ redirect_host: 'op.example' }, []],
    [{ state: 'disabled' }, ['dark']],
    [{ state: 'enabled', q: 'shop' }, ['shop-1', 'shop-2']],
    [{ q: 'shop', tag: 'retail', party: 'third', type: 'web', state: 'enabled' }, ['shop-2']],
    [{ q: 'shop', redirect_host: 'rp.example' }, ['dark', 'shop-2']],
  ])('%j finds %j', async (query, ids) => {
    expect(await found(query)).toEqual(ids);
  });

  test('a client with as many hosts as it may have is found by its state and tags', async () => {
    const redirect_uris = Array.from({ length: 50 }, (_, n) => `https://a.b.c.h${n}.example/cb`);
    await op.createClient({ client_id: 'hosts', tags: ['hosted'], redirect_uris });
    const ids = (items: Found[]) => items.map(({ client_id }) => client_id);
    expect(ids(await list({ tag: 'hosted', state: 'enabled' }))).toEqual(['hosts']);
    expect(ids(await list({ redirect_host: 'h0.example', state: 'enabled' }))).toEqual(['hosts']);
  });

  test('a change and a deletion are found at once', async () => {
    await op.createClient({ client_id: 'moving', client_name: 'Before', tags: ['one'] });
    own.add('moving');
    expect(await found({ q: 'before' })).toEqual(['moving']);
    await op.admin(at('moving'), { method: 'PATCH', body: { client_name: 'After', tags: null } });
    expect([await found({ q: 'before' }), await found({ q: 'after' })]).toEqual([[], ['moving']]);
    expect(await found({ tag: 'one' })).toEqual([]);
    await op.admin(at('moving'), { method: 'DELETE' });
    expect(await found({ q: 'after' })).toEqual([]);
    own.delete('moving');
  });

  test.each(['name', 'created', 'updated', 'client_id'])('sorts by %s both ways', async (sort) => {
    const up = await list({ sort, limit: '500' });
    const down = await list({ sort: `-${sort}`, limit: '500' });
    const ids = (items: Found[]) => items.map(({ client_id }) => client_id);
    expect(ids(down)).toEqual(ids(up).reverse());
    const key = {
      name: ({ client_id, client_name }: Found) =>
        (client_name ?? client_id).normalize('NFKC').toLowerCase(),
      created: ({ created_at }: Found) => String(created_at),
      updated: ({ updated_at }: Found) => String(updated_at),
      client_id: ({ client_id }: Found) => client_id,
    }[sort] as (item: Found) => string;
    const bytes = (text: string) => Buffer.from(text);
    const sorted = [...up].sort(
      (a, b) =>
        Buffer.compare(bytes(key(a)), bytes(key(b))) ||
        Buffer.compare(bytes(a.client_id), bytes(b.client_id)),
    );
    expect(ids(up)).toEqual(ids(sorted));
    expect(up.length).toBeGreaterThan(clients.length);
  });

  test.each<[string, Record<string, string>]>([
    ['a cursor that nobody made', { after: 'x' }],
    ['an operator for a cursor', { 'after[$gt]': '' }],
    ['JSON for a cursor', { after: '{"$gt":""}' }],
    ['a long cursor', { after: 'x'.repeat(1025) }],
    ['a cursor of base64', { after: Buffer.from('["a","b"]').toString('base64url') }],
    ['an order of the store', { sort: 'terms' }],
    ['an operator for an order', { sort: '$where' }],
    ['a prototype for an order', { sort: '__proto__' }],
    ['a type that is none', { type: 'toString' }],
    ['an operator for a type', { 'type[$ne]': 'web' }],
    ['a long word', { q: 'x'.repeat(257) }],
    ['a parameter that is none', { $where: 'sleep(1000)' }],
    ['no limit', { limit: '0' }],
    ['a fraction', { limit: '1.5' }],
    ['too much', { limit: '501' }],
  ])('refuses %s (abuse case 19)', async (_, query) => {
    const { status, body } = await op.admin(`/clients?${new URLSearchParams(query)}`);
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'malformed' });
    expect(body.errors).toEqual([expect.objectContaining({ rule: 'query-parameter' })]);
  });

  test.each([
    '$where',
    '.*',
    '^',
    '(a+)+$',
    '%',
    '_',
    "' OR 1=1 --",
    '{"$gt":""}',
    '\0',
    '\u202e',
    '\uffff',
    '*',
    '"',
    '\\',
    '__proto__',
    'a '.repeat(128),
  ])('looks for %j as it is written, and quickly (abuse cases 19, 21)', async (q) => {
    const began = performance.now();
    for (const query of [{ q }, { tag: q }, { redirect_host: q }]) {
      expect(await found(query as Record<string, string>)).toEqual([]);
    }
    expect(performance.now() - began).toBeLessThan(2000);
  });

  test('a cursor belongs to its question', async () => {
    const { body } = await op.admin('/clients?limit=1&sort=name');
    const after = encodeURIComponent(body.next);
    expect((await op.admin(`/clients?limit=2&sort=name&after=${after}`)).status).toBe(200);
    for (const other of ['sort=-name', 'sort=created', 'sort=name&type=web', 'sort=name&q=a']) {
      expect((await op.admin(`/clients?limit=1&${other}&after=${after}`)).status).toBe(400);
    }
  });

  test('pages through 500 clients miss and repeat none while others come and go', async () => {
    const id = (n: number) => `many-${String(n).padStart(3, '0')}`;
    const make = (n: number, name = 'Many') =>
      op.createClient({
        client_id: id(n),
        client_name: `${name} ${(n * 7) % 10}`,
        redirect_uris: [CALLBACK],
        tags: ['many'],
      });
    const numbers = Array.from({ length: 500 }, (_, n) => n);
    for (let from = 0; from < 500; from += 25) {
      await Promise.all(numbers.slice(from, from + 25).map((n) => make(n)));
    }
    for (const sort of ['client_id', 'name', '-created']) {
      const seen: string[] = [];
      const gone = new Set<string>();
      let after = '';
      for (let page = 0; page < 40; page += 1) {
        const query = `tag=many&limit=37&sort=${sort}${after && `&after=${encodeURIComponent(after)}`}`;
        const { status, body } = await op.admin(`/clients?${query}`);
        expect(status).toBe(200);
        seen.push(...body.items.map(({ client_id }: Found) => client_id));
        if (body.next === undefined) break;
        after = body.next;
        // One that was seen goes, perhaps the one that the cursor stands at; others come everywhere.
        const last = seen.at(-1) ?? '';
        await op.admin(at(last), { method: 'DELETE' });
        gone.add(last);
        await op.createClient({
          client_id: `many-${String((page * 71) % 500).padStart(3, '0')}-${page}-${sort}`,
          client_name: `Many ${page % 10}`,
          tags: ['many'],
        });
      }
      expect(new Set(seen).size).toBe(seen.length);
      const there = numbers.map(id).filter((one) => !gone.has(one));
      expect(there.filter((one) => !seen.includes(one))).toEqual([]);
      // For the next order all five hundred are there again.
      for (const one of gone) {
        if (/^many-\d+$/.test(one)) await make(Number(one.slice(5)));
      }
    }
  });
});
