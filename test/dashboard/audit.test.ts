import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { overflows } from '../pages/axe.ts';
import { describeWithBrowser, launchBrowser } from '../support/browser.ts';
import { type Op, startOp, type TestClient } from '../support/op.ts';
import { axeFaults, type DashboardTab, signedIn } from './support.ts';

const HOSTILE = '=cmd|"/c calc"!A1 <script>alert(1)</script>';

describeWithBrowser('audit', () => {
  let op: Op;
  let browser: Browser;
  let tab: DashboardTab;
  let client: TestClient;
  beforeAll(async () => {
    [op, browser] = await Promise.all([startOp(), launchBrowser()]);
    client = await op.createClient({ client_name: HOSTILE });
    await op.admin(`/clients/${encodeURIComponent(client.client_id)}`, {
      method: 'PATCH',
      body: { client_name: 'Quiet' },
    });
    tab = await signedIn(op, browser, { role: 'viewer' });
    tab.page.setDefaultTimeout(5000);
  });
  afterAll(async () => {
    await browser?.close();
    await op?.close();
  });

  const actions = () => tab.page.locator('tbody td:nth-child(3) code').allInnerTexts();

  test('tells who changed what, in words', async () => {
    await tab.open('/audit');
    expect(await axeFaults(tab.page)).toEqual([]);
    await tab.page.fill('[name="target"]', client.client_id);
    await tab.page.fill('[name="who"]', 'test-admin');
    await tab.page.getByRole('button', { name: 'Find' }).click();
    expect(await actions()).toEqual(['client.update', 'client.create']);
    expect(await tab.page.innerText('tbody tr:first-child td:nth-child(3)')).toContain(
      'Client changed',
    );
    await tab.page.click('tbody tr:first-child summary');
    const change = tab.page.locator('tbody tr:first-child li').filter({ hasText: 'client_name' });
    expect(await change.locator('del').innerText()).toContain('=cmd|');
    expect(await change.locator('ins').innerText()).toBe('Quiet');
    expect(await tab.page.locator('main script').count()).toBe(0);
    expect(await axeFaults(tab.page)).toEqual([]);
  });

  test('is searched by action and time', async () => {
    const today = new Date().toISOString().slice(0, 10);
    await tab.open(`/audit?action=client.create&time=${today}&target=${client.client_id}`);
    expect(await actions()).toEqual(['client.create']);
    await tab.open(`/audit?action=client.create&time=1999&target=${client.client_id}`);
    expect(await tab.page.locator('.empty').count()).toBe(1);
  });

  test('is searched by the e-mail of who acted, and read on', async () => {
    const owner = await signedIn(op, browser);
    await owner.open('/accounts/new');
    await owner.page.fill('[name="email"]', 'made.by.owner@mail.example');
    await owner.page.getByRole('button', { name: 'Create account' }).click();
    await tab.open(`/audit?who=${encodeURIComponent(owner.account.email)}`);
    expect(await actions()).toEqual(['account.create']);
    await owner.close();
    const people = Array.from({ length: 51 }, () => op.createAccount());
    await Promise.all(people);
    await tab.open('/audit?action=account.create');
    expect(await actions()).toHaveLength(50);
    await tab.page.click('[rel="next"]');
    expect((await actions()).length).toBeGreaterThan(1);
    expect(new Set(await actions())).toEqual(new Set(['account.create']));
  });

  test('stays light however much was changed', async () => {
    const uris = (n: number) =>
      Array.from({ length: 50 }, (_, u) => `https://app.example/${n}/${u}/${'x'.repeat(150)}`);
    const many = await op.createClient({ redirect_uris: uris(0) });
    for (let n = 1; n < 12; n += 1) {
      const body = { redirect_uris: uris(n), description: `Changed ${n} times` };
      await op.admin(`/clients/${many.client_id}`, { method: 'PATCH', body });
    }
    await tab.open(`/audit?target=${many.client_id}`);
    expect((await tab.page.content()).length).toBeLessThan(100_000);
    const told = await tab.page.locator('tbody tr:first-child li').allTextContents();
    expect(told.join()).toContain('Changed 11 times');
    expect(told.join()).toContain('and 1 more; the export has all');
  });

  test('is read on within a time', async () => {
    const month = new Date().toISOString().slice(0, 7);
    const seen: string[] = [];
    for (let after: string | undefined = ''; after !== undefined; ) {
      const query: Record<string, string> = { time: month, limit: '7', ...(after && { after }) };
      const { body } = await op.admin(`/audit?${new URLSearchParams(query)}`);
      seen.push(...body.items.map(({ id }: { id: string }) => id));
      after = body.next;
    }
    const { body } = await op.admin('/audit?limit=500');
    expect(seen).toEqual(body.items.map(({ id }: { id: string }) => id));
    expect(seen.length).toBeGreaterThan(7);
  });

  test('is exported whole, with cells that no spreadsheet runs', async () => {
    const get = async (format: string, asked: object = { target: client.client_id }) => {
      const query = new URLSearchParams({ format, ...asked });
      return tab.page.request.get(`${op.issuer}/dashboard/audit/export?${query}`);
    };
    const lines = await get('jsonl');
    expect(lines.headers()['content-disposition']).toMatch(/^attachment; .*\.jsonl"$/);
    const events = (await lines.text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.map(({ action }) => action)).toEqual(['client.update', 'client.create']);
    const csv = await (await get('csv')).text();
    const [head, ...rows] = csv.trimEnd().split('\r\n');
    expect(head).toBe('id,at,via,account_id,client_id,request,action,target,changes');
    expect(rows).toHaveLength(2);
    expect(rows[1]).toContain('=cmd|');

    const { items } = (await op.admin('/resources')).body;
    const own = items.find(({ identifier }: { identifier: string }) =>
      identifier.endsWith('/api/v1'),
    );
    const program = await op.createClient({ client_id: '-1.1', type: 'server-to-server' });
    const access = [...own.access, { client_id: '-1.1', scopes: ['accounts:write'] }];
    await op.admin(`/resources/${own.id}`, { method: 'PATCH', body: { access } });
    const { body } = await op.post(
      '/token',
      { grant_type: 'client_credentials', resource: own.identifier, scope: 'accounts:write' },
      { basic: ['-1.1', String(program.client_secret)] },
    );
    const made = await fetch(`${op.issuer}/api/v1/accounts`, {
      method: 'POST',
      headers: { authorization: `Bearer ${body.access_token}`, 'content-type': 'application/json' },
      body: '{"email":"by.program@mail.example"}',
    });
    expect(made.status).toBe(201);
    const theirs = await (await get('csv', { who: '-1.1' })).text();
    expect(theirs).toContain(`,api,,"'-1.1",`);
    expect(theirs).not.toContain(',-1.1');
  });

  test('fits a phone', async () => {
    const phone = await signedIn(op, browser, { role: 'viewer', look: { size: 'phone' } });
    await phone.open('/audit');
    expect(await overflows(phone.page)).toBe(false);
    expect(await axeFaults(phone.page)).toEqual([]);
    await phone.close();
  });

  test('is nothing for who has no role', async () => {
    const answer = await fetch(`${op.issuer}/dashboard/audit/export`, { redirect: 'manual' });
    expect(answer.status).toBe(302);
    expect(answer.headers.get('location')).toContain('/authorize?');
  });
});
