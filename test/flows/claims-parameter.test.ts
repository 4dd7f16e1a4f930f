/** What the parameter `claims` may say, and what its `sub` does (OpenID Connect Core 1.0, section 5.5). */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createAgent, leftFor } from '../support/agent.ts';
import { type Fields, type Op, startOp, type TestAccount, type TestClient } from '../support/op.ts';
import { authorizeUrl, postAs } from './requests.ts';

let op: Op;
let client: TestClient;
let account: TestAccount;
beforeAll(async () => {
  op = await startOp();
  [client, account] = await Promise.all([op.createClient(), op.createAccount()]);
});
afterAll(() => op?.close());

describe('sub', () => {
  const wanting = (value: unknown, more: Fields = {}) =>
    authorizeUrl(op, client, { claims: JSON.stringify({ id_token: { sub: { value } } }), ...more });

  test('of the person who is signed in lets a request through', async () => {
    const agent = createAgent(op.issuer);
    const page = await agent.login(wanting(account.id), account);
    expect(leftFor(page).searchParams.get('code')).toBeTruthy();
    expect((await agent.visit(wanting(account.id, { prompt: 'none' }))).left).toBeDefined();
  });

  test('of somebody else does not', async () => {
    const other = await op.createAccount();
    const agent = createAgent(op.issuer);
    await agent.login(authorizeUrl(op, client), account);
    const left = leftFor(await agent.visit(wanting(other.id, { prompt: 'none' })));
    expect(left.searchParams.get('error')).toBe('login_required');
  });
});

describe('a request is refused', () => {
  const nested = `${'{"a":'.repeat(300)}1${'}'.repeat(300)}`;
  test.each([
    ['that is no JSON', '{', /JSON/],
    ['that is a list', '[]', /JSON object/],
    ['for nothing', '{}', /userinfo or id_token/],
    ['with a claim that is a text', '{"userinfo":{"name":"yes"}}', /null or an object/],
    ['with a claim that is a list', '{"id_token":{"name":[]}}', /null or an object/],
    ['whose essential is a text', '{"userinfo":{"name":{"essential":"true"}}}', /essential is/],
    ['whose values are a text', '{"userinfo":{"name":{"values":"a"}}}', /values is a list/],
    ['whose acr is a number', '{"id_token":{"acr":{"value":1}}}', /value is a text/],
    ['whose acrs are numbers', '{"id_token":{"acr":{"values":[1]}}}', /list of texts/],
    ['whose sub is an object', '{"id_token":{"sub":{"value":{}}}}', /value is a text/],
    ['that nests without end', `{"userinfo":{"name":${nested}}}`, /8 levels/],
  ])('%s', async (_what, claims, words) => {
    const left = leftFor(await createAgent(op.issuer).visit(authorizeUrl(op, client, { claims })));
    expect(left.searchParams.get('error')).toBe('invalid_request');
    expect(left.searchParams.get('error_description')).toMatch(words);
  });
});

test('a pushed request is looked at when it is pushed', async () => {
  const request = new URL(authorizeUrl(op, client, { claims: '{"userinfo":{"name":1}}' }));
  const fields = Object.fromEntries(request.searchParams);
  const { status, body } = await postAs(op, client, '/par', fields);
  expect([status, body.error]).toEqual([400, 'invalid_request']);
});

test('claims go with no answer that could tell them', async () => {
  const silent = await op.createClient({ response_types: ['code', 'none'] });
  const claims = '{"userinfo":{"name":null}}';
  const url = authorizeUrl(op, silent, { claims, response_type: 'none' });
  const left = leftFor(await createAgent(op.issuer).visit(url));
  expect(left.searchParams.get('error')).toBe('invalid_request');
});
