/** Addresses that run something instead of leading somewhere. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CALLBACK, type Op, startOp } from '../support/op.ts';
import { expectExplained, ways } from './hostile-clients.ts';

let op: Op;
beforeAll(async () => {
  op = await startOp({ registration: { mode: 'open' } });
});
afterAll(() => op?.close());

const running = [
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'java\tscript:alert(1)',
  '\u0001javascript:alert(1)',
  'javascript://rp.example/%0aalert(1)',
  'data:text/html,<script>alert(1)</script>',
  'DATA:text/html;base64,PHNjcmlwdD4=',
  'vbscript:msgbox(1)',
  'intent://rp.example/#Intent;scheme=https;end',
  'blob:https://rp.example/1',
  'file:///etc/passwd',
  'about:blank',
  'view-source:https://rp.example/',
];

const links = [
  'client_uri',
  'logo_uri',
  'policy_uri',
  'tos_uri',
  'initiate_login_uri',
  'jwks_uri',
  'sector_identifier_uri',
  'backchannel_logout_uri',
  'frontchannel_logout_uri',
];

describe.each(Object.entries(ways))('abuse case 2: through %s', (_, attempt) => {
  test.each(running)('%j is no address that people are sent to', async (uri) => {
    const errors = await attempt(op, {
      redirect_uris: [CALLBACK, uri],
      post_logout_redirect_uris: [uri],
    });
    expectExplained(errors, '/redirect_uris/1');
    expectExplained(errors, '/post_logout_redirect_uris/0');
  });

  test.each(running)('%j is no address that is shown or fetched', async (uri) => {
    const errors = await attempt(op, Object.fromEntries(links.map((name) => [name, uri])));
    for (const name of links) expectExplained(errors, `/${name}`);
  });
});

test.each(running)('abuse case 2: %j is no scheme of a native application', async (uri) => {
  const body = { type: 'native', redirect_uris: [uri] };
  const answer = await op.admin('/clients', { method: 'POST', body });
  expect(answer.status).toBe(422);
  expectExplained(answer.body.errors, '/redirect_uris/0');
});

test.each(running)('abuse case 2: %j is no target of an answer by form', async (uri) => {
  const { client_id } = await op.createClient();
  const query = new URLSearchParams({
    client_id,
    response_type: 'code',
    response_mode: 'form_post',
    redirect_uri: uri,
    scope: 'openid',
  });
  const answer = await op.get(`/authorize?${query}`, { accept: 'text/html' });
  expect([answer.status, answer.headers.get('location')]).toEqual([400, null]);
  expect(answer.body).not.toMatch(/<form|alert\(1\)|msgbox/);
});

test('abuse case 2: a reversed domain that only begins like a scheme of a browser is an application’s', async () => {
  const uri = 'com.example.javascript:/callback';
  const client = await op.createClient({ type: 'native', redirect_uris: [uri] });
  expect(client.redirect_uris).toEqual([uri]);
});
