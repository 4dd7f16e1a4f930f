/** Accounts are found by what people know of a person: a part of the name, of the e-mail. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Account } from '../../src/accounts/account.ts';
import { accountsCollection } from '../../src/accounts/accounts.ts';
import { marksCollection } from '../../src/store/marks.ts';
import { type Mongo, NO_MONGO, startMongo } from '../support/mongo.ts';
import { type Op, startOp } from '../support/op.ts';

const people = [
  { email: 'ada.l@engine.example', name: 'Ada Lovelace', family_name: 'Lovelace' },
  { email: 'grace@navy.example', given_name: 'Grace', family_name: 'Hopper' },
  { email: 'zoe@shop.example', name: 'Zoë Ångström', preferred_username: 'Q_17' },
  { email: 'sean@shop.example', name: 'Seán O’Brien', nickname: 'Shauno' },
  { email: 'lovelady@shop.example', name: '$ne.* %_"' },
  { email: 'plain@navy.example' },
];

const mongo: Mongo | undefined = await startMongo();
if (!mongo) console.warn(NO_MONGO);
afterAll(() => mongo?.stop());

describe.each(['memory', 'sqlite', ...(mongo ? [mongo.url] : [])])('on the store %s', (store) => {
  let op: Op;
  beforeAll(async () => {
    op = await startOp({}, { store });
    for (const person of people) await op.createAccount({ name: undefined as never, ...person });
  });
  afterAll(() => op?.close());

  const found = async (q: string, more = '') => {
    const { status, body } = await op.admin(`/accounts?q=${encodeURIComponent(q)}${more}`);
    expect(status).toBe(200);
    return body.items.map(({ email }: { email: string }) => email.split('@')[0]);
  };

  test.each([
    ['lovelace', ['ada.l']],
    ['LOVE', ['ada.l', 'lovelady']],
    ['ada love', ['ada.l']],
    ['Lovelace, Ada', ['ada.l']],
    ['hopper', ['grace']],
    ['grace hop', ['grace']],
    ['zoë', ['zoe']],
    ['q_17', ['zoe']],
    ['O’Brien', ['sean']],
    ['brien', ['sean']],
    ['shauno', ['sean']],
    ['ada.l@eng', ['ada.l']],
    ['l', ['ada.l', 'lovelady']],
    ['@navy.example', ['grace', 'plain']],
    ['$ne.*', ['lovelady']],
    ['%_"', ['lovelady']],
    ['ada hopper', []],
    ['ovelace', []],
    ['.*', []],
  ])('%j finds %j', async (q, expected) => {
    expect(await found(q)).toEqual(expected);
  });

  test('pages join, in the order of the e-mail', async () => {
    const { body } = await op.admin('/accounts?q=%40shop.example&limit=2');
    expect(body.items).toHaveLength(2);
    const rest = await found('@shop.example', `&limit=2&after=${encodeURIComponent(body.next)}`);
    expect(rest).toEqual(['zoe']);
  });

  test('who is renamed is found by the new name alone, with and without another password', async () => {
    const { id } = await op.createAccount({ email: 'moves@else.example', name: 'Vera Before' });
    await op.admin(`/accounts/${id}`, { method: 'PATCH', body: { name: 'Vera Afterwards' } });
    expect(await found('before')).toEqual([]);
    expect(await found('vera after')).toEqual(['moves']);
    await op.admin(`/accounts/${id}`, { method: 'PATCH', body: { email: 'gone@else.example' } });
    expect(await found('moves')).toEqual([]);
    expect(await found('gone')).toEqual(['gone']);
  });
});

test('accounts of an earlier version are found after the next start', async () => {
  const first = await startOp({}, { store: 'sqlite' });
  await first.createAccount({ email: 'old@example.com', name: 'Older Version' });
  const accounts = first.store.collection<Account & { terms?: unknown }>(accountsCollection);
  const [entry] = await accounts.find('email_key', 'old@example.com');
  const { terms, ...before } = entry?.value ?? ({} as never);
  expect(terms).toContain('older');
  await accounts.put(entry?.id ?? '', before as never);
  expect((await first.admin('/accounts?q=older')).body.items).toEqual([]);
  await first.store.collection(marksCollection).delete('account-terms');
  const { secrets_key } = first.config;
  const second = await startOp({ secrets_key } as never, { through: () => first.store });
  expect((await second.admin('/accounts?q=older')).body.items).toHaveLength(1);
  await second.close();
  await first.close();
});
