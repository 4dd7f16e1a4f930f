/** A form that arrives twice: who sees nothing happen presses again, and the first answer is lost. */
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { digest } from '../../src/lib/ids.ts';
import { describeWithBrowser } from '../support/browser.ts';
import type { Op, TestClient } from '../support/op.ts';
import { type DashboardTab, signedIn, useSite } from './support.ts';

describeWithBrowser('a form that is sent twice', () => {
  let op: Op;
  let browser: Browser;
  let tab: DashboardTab;
  useSite(async (site) => {
    ({ op, browser } = site);
    tab = await signedIn(op, browser);
  });

  /** The server answers as fast as ever; its answers take their time. */
  const slowly = (page: Page, path: string) =>
    page.route(`**${path}`, async (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      const response = await route.fetch({ maxRedirects: 0 });
      await pause(800);
      // The browser waits no longer for the first.
      await route.fulfill({ response }).catch(() => undefined);
    });

  /** Presses like somebody who sees nothing happen. */
  async function pressTwice(page: Page, button: string): Promise<void> {
    const box = await page.locator(button).boundingBox();
    if (!box) throw new Error(`there is no ${button}`);
    for (const wait of [300, 0]) {
      await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
      await pause(wait);
    }
  }

  const secretsOf = async ({ client_id }: TestClient): Promise<unknown[]> =>
    (await op.admin(`/clients/${client_id}`)).body.secrets;

  test('makes one secret, and shows it', async () => {
    const client = await op.createClient({ type: 'server-to-server' });
    const path = `/clients/${client.client_id}/secrets/new`;
    const { page } = tab;
    await tab.open(path);
    await page.check('[name=overlap][value="3600"]');
    await slowly(page, path);
    await pressTwice(page, 'main button.primary');
    await page.waitForURL(`**/clients/${client.client_id}/secrets`);
    expect(await secretsOf(client)).toHaveLength(2);
    const secret = (await page.innerText('main .notice pre')).trim();
    expect(secret).not.toBe(client.client_secret);
    const asked = { grant_type: 'client_credentials' };
    const answer = await op.post('/token', asked, { basic: [client.client_id, secret] });
    expect(answer.status).toBe(200);
    await page.unroute('**');
  });

  test('makes one client, whichever request comes first', async () => {
    const { page } = tab;
    await tab.open('/clients/new/web');
    const csrf = (await page.locator('input[name=csrf]').first().getAttribute('value')) ?? '';
    const form = {
      csrf,
      client_name: 'Once',
      redirect_uris: 'https://rp.example/callback',
      party: 'first',
      proof: 'secret',
    };
    const send = () =>
      page.request.post(`${op.issuer}/dashboard/clients/new/web`, { maxRedirects: 0, form });
    const answers = [...(await Promise.all([send(), send(), send()])), await send()];
    const [first, ...others] = answers.map((answer) => answer.headers().location);
    expect(first).toMatch(/\/code$/);
    expect(others).toEqual([first, first, first]);
    expect((await op.admin('/clients?q=Once')).body.items).toHaveLength(1);
    await page.goto(op.issuer + first);
    expect(await page.innerText('main')).toContain('shown again');
  });

  test('shows what it made where it belongs, whatever else is looked at meanwhile', async () => {
    const [client, other] = await Promise.all([
      op.createClient({ type: 'server-to-server' }),
      op.createClient({ type: 'server-to-server' }),
    ]);
    const { page } = tab;
    await tab.open(`/clients/${client.client_id}/secrets/new`);
    const csrf = (await page.locator('input[name=csrf]').first().getAttribute('value')) ?? '';
    const version = await page.locator('input[name=version]').inputValue();
    const made = await page.request.post(page.url(), {
      maxRedirects: 0,
      form: { csrf, version, overlap: 'keep', expires_in: 'never' },
    });
    const place = made.headers().location ?? '';
    // Before the answer is there, another tab asks for a page.
    for (const path of ['/clients', `/clients/${other.client_id}/secrets`]) {
      await tab.open(path);
      expect(await page.locator('main .notice pre').count()).toBe(0);
    }
    await page.goto(op.issuer + place);
    expect(await page.locator('main .notice pre').count()).toBe(1);
    await page.reload();
    expect(await page.locator('main .notice pre').count()).toBe(0);
  });

  test('is another form on another page, and with other answers', async () => {
    const { page } = tab;
    const made = async (name: string) => {
      await tab.open('/clients/new/device');
      await page.fill('[name=client_name]', name);
      await page.click('main button.primary >> nth=-1');
      await page.waitForURL('**/code');
    };
    await made('Alike');
    await made('Alike');
    expect((await op.admin('/clients?q=Alike')).body.items).toHaveLength(2);
  });

  test('is not done again while it is being done elsewhere, and says so', async () => {
    const { page } = tab;
    await tab.open('/clients/new/device');
    const csrf = (await page.locator('input[name=csrf]').first().getAttribute('value')) ?? '';
    const path = '/dashboard/clients/new/device';
    const form = new URLSearchParams({ csrf, client_name: 'Elsewhere', party: 'first' }).toString();
    // Another process has it in hand, and takes long.
    const answers = op.store.collection({ name: 'dashboard_answers' });
    await answers.insert(digest(`${path} ${form}`), {}, { ttl: 60 });
    const answer = await page.request.post(op.issuer + path, {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      data: form,
    });
    expect(answer.status()).toBe(409);
    expect(await answer.text()).toContain('It is still being done');
    expect((await op.admin('/clients?q=Elsewhere')).body.items).toEqual([]);
  });

  test('is looked at anew when it was refused', async () => {
    const { page } = tab;
    await tab.open('/resources/new');
    const csrf = (await page.locator('input[name=csrf]').first().getAttribute('value')) ?? '';
    const identifier = 'https://api.example/twice';
    const { id } = await op.createResource({ identifier });
    const form = {
      csrf,
      identifier,
      access_token_format: 'jwt',
      access_token_signing_alg: 'ES256',
      access_token_ttl: '600',
    };
    const send = async () => {
      const address = `${op.issuer}/dashboard/resources/new`;
      return (await page.request.post(address, { maxRedirects: 0, form })).status();
    };
    expect(await send()).toBe(409);
    await op.admin(`/resources/${id}`, { method: 'DELETE' });
    expect(await send()).toBe(303);
  });
});
