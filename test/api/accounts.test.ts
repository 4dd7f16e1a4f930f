import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Op, startOp } from '../support/op.ts';

let op: Op;
beforeAll(async () => {
  op = await startOp();
});
afterAll(() => op.close());

const ada = {
  email: 'Ada@Example.com',
  password: 'correct horse battery',
  name: 'Ada Lovelace',
  given_name: 'Ada',
  birthdate: '1815-12-10',
  phone_number: '+441234567890',
  address: { locality: 'London', country: 'GB' },
};
const create = (body: unknown) => op.admin('/accounts', { method: 'POST', body });

test('an account is created with standard claims, and its password is never told', async () => {
  const created = await create(ada);
  expect(created.status).toBe(201);
  const { password, ...claims } = ada;
  expect(created.body).toMatchObject({
    ...claims,
    email_verified: false,
    disabled: false,
    roles: [],
  });
  const everything = JSON.stringify([created.body, (await op.admin('/accounts?limit=500')).body]);
  expect(everything).not.toContain(password);
  expect(everything).not.toContain('argon2');
});

test('an e-mail is one account’s, however it is written', async () => {
  await create({ ...ada, email: 'grace@example.com' });
  for (const email of ['grace@example.com', 'GRACE@EXAMPLE.COM']) {
    expect(await create({ ...ada, email })).toMatchObject({
      status: 409,
      body: { code: 'conflict' },
    });
  }
});

test('a change keeps the password unless it brings one', async () => {
  const { body } = await create({ ...ada, email: 'joan@example.com' });
  const path = `/accounts/${body.id}`;
  const before = await op.store
    .collection<{ password_hash: string }>({ name: 'accounts' })
    .get(body.id);
  const patched = await op.admin(path, { method: 'PATCH', body: { nickname: 'J', name: null } });
  expect(patched.body).toMatchObject({ nickname: 'J', email: 'joan@example.com' });
  expect(patched.body.name).toBeUndefined();
  const accounts = op.store.collection<{ password_hash: string }>({ name: 'accounts' });
  const kept = await accounts.get(body.id);
  expect(kept?.value.password_hash).toBe(before?.value.password_hash);
  await op.admin(path, { method: 'PATCH', body: { password: 'another good password' } });
  expect((await accounts.get(body.id))?.value.password_hash).not.toBe(kept?.value.password_hash);
});

test('every mistake is told at once', async () => {
  const { status, body } = await create({
    email: 'nobody',
    birthdate: 'soon',
    picture: 'javascript:x',
    admin: true,
  });
  expect(status).toBe(422);
  const pointers = body.errors.map((error: { pointer: string }) => error.pointer);
  expect(pointers).toEqual(expect.arrayContaining(['/email', '/birthdate', '/picture']));
  const short = await create({ ...ada, email: 'short@example.com', password: 'seven77' });
  expect(short.body.errors).toEqual([expect.objectContaining({ pointer: '/password' })]);
});

test('a patch that is no object changes nothing and is refused', async () => {
  const { body } = await create({ ...ada, email: 'mary@example.com' });
  for (const patch of [null, [], 'x', 5, true]) {
    const answer = await op.admin(`/accounts/${body.id}`, { method: 'PATCH', body: patch });
    expect(answer).toMatchObject({ status: 422, body: { code: 'invalid' } });
  }
  expect((await op.admin(`/accounts/${body.id}`)).body).toEqual(body);
});

test('the first administrator is there, is an owner, and is made once', async () => {
  const { body } = await op.admin('/accounts?limit=500');
  const owners = body.items.filter((item: { roles: string[] }) => item.roles.includes('owner'));
  expect(owners).toEqual([expect.objectContaining({ email: 'admin@example.com' })]);
  expect(op.announced).toEqual(['The first administrator is admin@example.com.']);
});
