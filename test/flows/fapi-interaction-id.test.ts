/** `x-fapi-interaction-id` at protected resources (FAPI 1.0 Part 1 Baseline, 6.2.1-11 and -12). */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Op, startOp } from '../support/op.ts';

const UUID = /^[\da-f]{8}-[\da-f]{4}-[1-8][\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;
const NAME = 'x-fapi-interaction-id';

let op: Op;
beforeAll(async () => {
  op = await startOp();
});
afterAll(() => op?.close());

describe.each(['/userinfo', '/api/v1/clients', '/api/v1/nothing'])('%s', (path) => {
  test('answers with the id that the client sent, and logs it', async () => {
    const id = 'c770aef3-6784-41f7-8e0e-ff5f97bddb3a';
    const { headers } = await op.get(path, { [NAME]: id });
    expect(headers.get(NAME)).toBe(id);
    const line = op.logs.findLast((one) => one.fapi_interaction_id === id);
    expect(line).toMatchObject({ path, id: headers.get('x-correlation-id') });
  });

  test('makes one where the client sent none', async () => {
    const ids = [await op.get(path), await op.get(path)].map(({ headers }) => headers.get(NAME));
    for (const id of ids) expect(id).toMatch(UUID);
    expect(new Set(ids).size).toBe(2);
  });

  test.each(['', 'abc', 'c770aef3-6784-41f7-8e0e-ff5f97bddb3a,x', '<script>'])(
    'makes one instead of %j',
    async (sent) => {
      const { headers } = await op.get(path, { [NAME]: sent });
      expect(headers.get(NAME)).toMatch(UUID);
    },
  );
});

test('nothing else is answered with one', async () => {
  for (const path of ['/.well-known/openid-configuration', '/health/live', '/authorize']) {
    expect((await op.get(path)).headers.has(NAME)).toBe(false);
  }
});
