import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { pass } from '../flows/clock.ts';
import { overflows } from '../pages/axe.ts';
import { describeWithBrowser, type Look, launchBrowser } from '../support/browser.ts';
import { type Op, startOp } from '../support/op.ts';
import { axeFaults, signedIn } from './support.ts';

const hour = 3600;
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
