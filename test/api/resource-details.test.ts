import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { paymentType } from '../flows/detail-types.ts';
import { type Op, startOp } from '../support/op.ts';

let op: Op;
let id: string;
beforeAll(async () => {
  op = await startOp();
  ({ id } = await op.createResource());
});
afterAll(() => op?.close());

const declare = (...authorization_details_types: object[]) =>
  op.admin(`/resources/${id}`, { method: 'PATCH', body: { authorization_details_types } });

const least = { type: 'a', title: 'A', sentence: 'Do it' };

describe('types of authorization details at a resource', () => {
  test('are none at first, and then what was declared', async () => {
    expect((await op.admin(`/resources/${id}`)).body.authorization_details_types).toEqual([]);
    const { status, body } = await declare(paymentType, least);
    expect(status).toBe(200);
    expect(body.authorization_details_types).toEqual([
      paymentType,
      { ...least, names: {}, identifier: 'none', fields: [], remember: false },
    ]);
    expect((await declare()).body.authorization_details_types).toEqual([]);
  });

  const field = (more: object) => ({ ...least, fields: [{ name: 'x', ...more }] });
  const wrong: [what: string, type: object, pointer: string][] = [
    ['no words', { type: 'a' }, '/title'],
    ['no English words', { ...least, title: { de: 'A' } }, '/title'],
    ['a language that is none', { ...least, title: { en: 'A', 'x y': 'A' } }, '/title'],
    ['words that hide', { ...least, title: 'A\u202eB' }, '/title'],
    ['a name with spaces', { ...least, type: 'a b' }, '/type'],
    ['a name that is a trap', { ...least, type: '__proto__' }, '/type'],
    ['a placeholder of nothing', { ...least, sentence: 'Pay {amount}' }, '/sentence'],
    ['one in another language', { ...least, sentence: { en: 'A', de: '{b}' } }, '/sentence'],
    ['one of a member that it does not take', { ...least, sentence: '{actions}' }, '/sentence'],
    ['a field of a reserved name', { ...least, fields: [{ name: 'actions' }] }, '/fields/0/name'],
    ['a field twice', { ...least, fields: [{ name: 'x' }, { name: 'x' }] }, '/fields'],
    ['a field within twice', field({ type: 'object', fields: [least, least] }), '/fields/0'],
    ['a field without any within', field({ type: 'object', fields: [] }), '/fields/0/fields'],
    ['a kind of field that there is not', field({ type: 'money' }), '/fields/0/type'],
    ['a choice of nothing', field({ enum: [] }), '/fields/0/enum'],
    ['a name that hides', { ...least, names: { x: 'a\u200bb' } }, '/names/x'],
    ['a member that is unknown', { ...least, pattern: 'x' }, '/pattern'],
  ];

  test.each(wrong)('are refused with %s', async (_, type, pointer) => {
    const { status, body } = await declare(type);
    expect(status).toBe(422);
    expect(body.errors.map((one: { pointer: string }) => one.pointer)).toContainEqual(
      expect.stringContaining(`/authorization_details_types/0${pointer}`),
    );
  });

  test('are refused twice', async () => {
    const { status, body } = await declare(least, least);
    expect([status, body.errors[0].pointer]).toEqual([422, '/authorization_details_types']);
  });

  test('take a permission to write resources', async () => {
    const { body } = await op.post(
      '/token',
      {
        grant_type: 'client_credentials',
        resource: `${op.issuer}/api/v1`,
        scope: 'resources:read clients:write',
      },
      { basic: [op.adminClient.client_id, op.adminClient.client_secret] },
    );
    const refused = await fetch(`${op.issuer}/api/v1/resources/${id}`, {
      method: 'PATCH',
      headers: {
        authorization: `Bearer ${body.access_token}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ authorization_details_types: [least] }),
    });
    expect(refused.status).toBe(403);
  });
});
