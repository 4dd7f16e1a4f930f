import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { pass } from '../flows/clock.ts';
import { overflows } from '../pages/axe.ts';
import { describeWithBrowser, type Look, launchBrowser } from '../support/browser.ts';
import { CALLBACK, type Op, startOp } from '../support/op.ts';
import { createRp } from '../support/rp.ts';
import { axeFaults, signedIn } from './support.ts';

const hour = 3600;
const day = 24 * hour;
const now = () => Math.floor(Date.now() / 1000);

describeWithBrowser('the overview', () => {
  let op: Op;
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  beforeEach(async () => {
    op = await startOp();
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await op?.close();
  });
  afterAll(() => browser?.close());

  /** A token and a refusal. */
  async function work(): Promise<void> {
    const { client_id, client_secret } = op.adminClient;
    const fields = { grant_type: 'client_credentials', resource: `${op.issuer}/api/v1` };
    const ok = await op.post('/token', fields, { basic: [client_id, client_secret] });
    const no = await op.post('/token', fields, { basic: [client_id, 'not the secret'] });
    expect([ok.status, no.status]).toEqual([200, 401]);
  }

  test('counts by the hour, and keeps counting after the hour', async () => {
    await work();
    const first = (await op.admin('/statistics')).body.items;
    expect(first).toEqual([
      { at: expect.any(Number), sign_ins: 0, tokens: expect.any(Number), failures: 1 },
    ]);
    expect(first[0].tokens).toBeGreaterThanOrEqual(2);
    expect(first[0].at % hour).toBe(0);

    pass(2 * hour);
    await work();
    const both = (await op.admin('/statistics')).body.items;
    expect(both).toHaveLength(2);
    expect(both[0]).toEqual(first[0]);
    expect(both[1]).toMatchObject({ at: first[0].at + 2 * hour, failures: 1 });

    const from = both[1].at;
    const { body } = await op.admin(`/statistics?from=${from}&to=${from + hour}`);
    expect(body).toMatchObject({ from, to: from + hour, items: [{ at: from }] });
  });

  test('forgets the numbers after thirty days', async () => {
    await work();
    await op.admin('/statistics');
    pass(30 * 24 * hour + hour);
    const { items } = (await op.admin(`/statistics?from=0&to=${now() - 2 * hour}`)).body;
    expect(items).toEqual([]);
  });

  test('is refused to who may not read clients', async () => {
    const { client_id, client_secret } = op.adminClient;
    const { body } = await op.post(
      '/token',
      { grant_type: 'client_credentials', resource: `${op.issuer}/api/v1`, scope: 'keys:read' },
      { basic: [client_id, client_secret] },
    );
    const headers = { authorization: `Bearer ${body.access_token}` };
    expect((await op.get('/api/v1/statistics', headers)).status).toBe(403);
  });

  test('of an empty server shows the way to the first client', async () => {
    const { page, faults, close } = await signedIn(op, browser);
    expect(await page.locator('h1').innerText()).toBe('Your first client');
    expect(await page.locator('.first-steps li').count()).toBe(3);
    expect(await page.locator('.chart').count()).toBe(0);
    await page.click('text=Make the first client');
    expect(page.url()).toBe(`${op.issuer}/dashboard/clients/new`);
    expect(faults).toEqual([]);
    await close();
  });

  test('offers a viewer nothing to make', async () => {
    const { page, close } = await signedIn(op, browser, { role: 'viewer' });
    expect(await page.locator('h1').innerText()).toBe('Your first client');
    expect(await page.locator('main a[href$="/clients/new"]').count()).toBe(0);
    await close();
  });

  test('shows numbers as charts and as a table, and hostile names as text', async () => {
    const name = '<img src=x onerror=alert(1)>';
    await op.createClient({ client_name: name });
    await work();
    const { page, open, faults, close } = await signedIn(op, browser);
    const refused = page.locator('.chart.failures');
    expect(await refused.locator('.total').innerText()).toBe('1');
    expect(await refused.locator('rect').count()).toBe(1);
    expect(await refused.locator('desc').textContent()).toBe(
      '1 in the last 24 hours, at most 1 in one hour',
    );
    await refused.locator('summary').click();
    expect(await refused.locator('tbody tr').count()).toBe(24);
    expect(await refused.locator('tbody tr').last().innerText()).toMatch(/:00\s+1$/);

    expect(await page.locator('#recent + ul li').count()).toBe(1);
    expect(await page.locator('#recent + ul a').innerText()).toBe(name);
    await page.click('text=30 days');
    expect(await refused.locator('.total').innerText()).toBe('1');
    await refused.locator('summary').click();
    expect(await refused.locator('tbody tr').count()).toBe(30);
    await open('?span=forever');
    expect(await page.locator('nav [aria-current=true]').innerText()).toBe('24 hours');
    expect(faults).toEqual([]);
    await close();
  });

  /** The tasks with their numbers, in order. */
  const tasks = async (page: Page) => {
    const lines = await page.locator('#tend ~ ul > li.task').all();
    const texts = lines.map((line) => line.locator('a, .badge').allInnerTexts());
    return (await Promise.all(texts)).map((words) => words.join(' '));
  };

  test('tells whose secrets end and who is unused, and leads to them', async () => {
    const name = '<b>Soon</b>';
    for (const [client_id, expires_in] of [
      ['soon', 20 * day],
      ['late', 95 * day],
    ] as const) {
      await op.createClient({ client_id, ...(client_id === 'soon' && { client_name: name }) });
      const body = { overlap: 1, expires_in };
      await op.admin(`/clients/${client_id}/secrets`, { method: 'POST', body });
    }
    await op.createClient({ client_id: 'stays' });
    const { page, faults, close } = await signedIn(op, browser, { role: 'viewer' });
    expect(await tasks(page)).toEqual([
      'Secret or certificate expires within 30 days, or has expired 1',
      'Expired secret or certificate 0',
      'In quarantine 0',
      'Clients unused for 90 days 0',
      'Redirect addresses unused for 90 days 0',
    ]);
    await page.click('text=expires within 30 days');
    expect(await page.locator('tbody .who-is').allInnerTexts()).toEqual([
      expect.stringContaining(name),
    ]);
    expect(await page.locator('tbody .marks').innerText()).toContain('Expires soon');
    expect(await page.locator('tbody .marks time').count()).toBe(1);
    expect(await axeFaults(page)).toEqual([]);
    await close();

    pass(91 * day);
    const later = await signedIn(op, browser);
    expect((await tasks(later.page)).slice(0, 3)).toEqual([
      'Expired secret or certificate 1',
      'Secret or certificate expires within 30 days, or has expired 2',
      'Clients unused for 90 days 3',
    ]);
    await later.page.click('text=Expired secret');
    expect(await later.page.locator('tbody tr').count()).toBe(1);
    expect(await later.page.locator('tbody .marks').innerText()).toContain('certificate expired');
    await later.open('');
    await later.page.click('text=Clients unused');
    expect(await later.page.locator('tbody tr').count()).toBe(3);
    expect([...faults, ...later.faults]).toEqual([]);
    await later.close();
  });

  test('tells of addresses that nobody comes back to', async () => {
    const [old, never] = ['https://rp.example/old', 'https://rp.example/never'];
    const client = await op.createClient({ redirect_uris: [CALLBACK, old, never] });
    const rp = (uri: string) => createRp(op.issuer, { ...client, redirect_uris: [uri] });
    const person = await op.createAccount();
    await (await rp(old)).signIn(person);
    pass(91 * day);
    await (await rp(CALLBACK)).signIn(person);
    const { page, faults, close } = await signedIn(op, browser);
    expect((await tasks(page))[0]).toBe('Redirect addresses unused for 90 days 1');
    await page.click('text=Redirect addresses unused');
    await page.click(`a[href$="/${client.client_id}"]`);
    const addresses = page.locator('li.row', { hasText: 'https://rp.example' });
    expect(await addresses.nth(0).locator('time').count()).toBe(1);
    expect(await addresses.nth(0).innerText()).not.toContain('Unused');
    expect(await addresses.nth(1).innerText()).toContain('Unused for 90 days');
    expect(await addresses.nth(2).innerText()).toContain('Never used');
    expect(faults).toEqual([]);
    await close();
  });

  test('a client that registered itself waits in quarantine, and is taken back', async () => {
    const registering = await startOp({
      registration: { mode: 'open', unused_days: 10, quarantine_days: 5, check_seconds: 1 },
    });
    try {
      const answer = await fetch(`${registering.issuer}/register`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ redirect_uris: [CALLBACK], client_name: 'Stranger' }),
      });
      const { client_id } = (await answer.json()) as { client_id: string };
      pass(11 * day);
      const { page, open, faults, close } = await signedIn(registering, browser);
      for (let asked = 0; asked < 50 && !(await tasks(page))[0]?.endsWith('1'); asked += 1) {
        await page.waitForTimeout(100);
        await open('');
      }
      expect((await tasks(page))[0]).toBe('In quarantine 1');
      await page.click('text=In quarantine');
      await page.click(`a[href$="/${client_id}"]`);
      await page.click('text=Take out of quarantine');
      expect(await page.innerText('[role=status]')).toContain('back in service');
      const { body } = await registering.admin(`/clients/${client_id}`);
      expect(body).not.toHaveProperty('quarantined_at');
      expect(faults).toEqual([]);
      await close();
    } finally {
      await registering.close();
    }
  });

  const looks: Look[] = [
    { size: 'desktop', scheme: 'light' },
    { size: 'phone', scheme: 'dark' },
    { size: 'phone', scheme: 'light', javaScript: true, locale: 'de-DE' },
  ];
  for (const look of looks) {
    test(`is accessible and fits (${Object.values(look).join(', ')})`, async () => {
      const { page, open, faults, close } = await signedIn(op, browser, { look });
      const pictures = process.env.PICTURES;
      const check = async (picture: string) => {
        if (pictures) {
          await page.screenshot({
            path: `${pictures}/${picture}-${look.size}.png`,
            fullPage: true,
          });
        }
        expect(await axeFaults(page)).toEqual([]);
        expect(await overflows(page)).toBe(false);
      };
      await check('first');
      await op.createClient({
        client_name: 'The shop with a name that is rather long, as names are',
      });
      await work();
      await open('');
      await check('overview');
      expect(faults).toEqual([]);
      await close();
    });
  }
});
