import { expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { describeWithBrowser } from '../support/browser.ts';
import { CALLBACK, type Op, type TestClient } from '../support/op.ts';
import { axeFaults, type DashboardTab, signedIn, useSite } from './support.ts';

interface Act {
  /** Below the client's page; `:event` and `:secret` are its first. */
  path: string;
  /** What has to be typed first. */
  type?: Record<string, string>;
  press: string;
  /** Whether it was done. */
  done(op: Op, client: TestClient): Promise<boolean>;
}

const read = async (op: Op, { client_id }: TestClient) => op.admin(`/clients/${client_id}`);

const acts: Readonly<Record<string, Act>> = {
  disable: {
    path: '/disable',
    press: 'main button.danger',
    done: async (op, client) => (await read(op, client)).body.disabled,
  },
  'another type': {
    path: '/convert?type=single-page-application',
    press: 'button:text-is("Convert")',
    done: async (op, client) => (await read(op, client)).body.type !== 'web',
  },
  'an earlier state': {
    path: '/history/:event',
    press: 'main button.primary',
    done: async (op, client) => (await read(op, client)).body.client_name === 'Shop',
  },
  'a secret removed': {
    path: '/secrets/:secret/remove',
    press: 'main button.danger',
    done: async (op, client) => (await read(op, client)).body.secrets.length < 2,
  },
  'a secret added': {
    path: '/secrets/new',
    press: 'main button.primary',
    done: async (op, client) => (await read(op, client)).body.secrets.length > 2,
  },
  delete: {
    path: '/delete',
    type: { name: 'Shop' },
    press: 'main button.danger',
    done: async (op, client) => (await read(op, client)).status === 404,
  },
};

describeWithBrowser('two administrators and one client', () => {
  let op: Op;
  let browser: Browser;
  let one: DashboardTab;
  let other: DashboardTab;
  useSite(async (site) => {
    ({ op, browser } = site);
    [one, other] = [await signedIn(op, browser), await signedIn(op, browser)];
    for (const { page } of [one, other]) page.setDefaultTimeout(5000);
  });

  async function made(): Promise<{ client: TestClient; path(of: string): string }> {
    const client = await op.createClient({ client_name: 'Shop', redirect_uris: [CALLBACK] });
    const at = `/clients/${client.client_id}`;
    await op.admin(`${at}/secrets`, { method: 'POST', body: { name: 'second' } });
    await op.admin(at, { method: 'PATCH', body: { description: 'A shop.' } });
    const [{ body }, { body: history }] = [await op.admin(at), await op.admin(`${at}/history`)];
    return {
      client,
      path: (of) =>
        at + of.replace(':event', history.items.at(-1).id).replace(':secret', body.secrets[0].id),
    };
  }

  /** What the other one does meanwhile, by the form as people do it. */
  async function rename(page: Page, path: string, name: string): Promise<void> {
    await page.goto(`${op.issuer}/dashboard${path}/edit`);
    await page.fill('[name=client_name]', name);
    await page.click('#review button');
    await page.click('text="Save"');
  }

  test.each(Object.entries(acts))('%s: told who was faster, then done', async (_, act) => {
    const { client, path } = await made();
    await one.open(path(act.path));
    await rename(other.page, path(''), 'Theirs');
    for (const [name, value] of Object.entries(act.type ?? {})) {
      await one.page.fill(`[name=${name}]`, client.client_name === value ? 'Theirs' : value);
    }
    await one.page.click(act.press);
    expect(await act.done(op, client)).toBe(false);
    const told = await one.page.innerText('[role=alert]');
    expect(told).toContain('Somebody else was faster');
    expect(told).toContain(other.account.email);
    expect(told).toContain('Shop');
    expect(told).toContain('Theirs');
    expect(await axeFaults(one.page)).toEqual([]);
    await one.page.click(act.press);
    expect(await act.done(op, client)).toBe(true);
    expect(await one.page.locator('[role=alert]').count()).toBe(0);
  });

  test('the form says who changed what, keeps what was typed, and saves both', async () => {
    const { client, path } = await made();
    await one.open(path('/edit'));
    await one.page.fill('[name=description]', 'Mine.');
    await rename(other.page, path(''), 'Theirs');
    await one.page.click('#review button');
    const told = await one.page.innerText('#review');
    expect(told).toContain(other.account.email);
    expect(told).toContain('Theirs');
    expect(await one.page.inputValue('[name=description]')).toBe('Mine.');
    await one.page.click('text="Save"');
    expect((await read(op, client)).body).toMatchObject({
      client_name: 'Theirs',
      description: 'Mine.',
    });
  });

  test('many changes meanwhile are told by the newest of them', async () => {
    const { client, path } = await made();
    await one.open(path('/disable'));
    for (let change = 1; change <= 12; change += 1) {
      await op.admin(`/clients/${client.client_id}`, {
        method: 'PATCH',
        body: { description: `Change ${change}` },
      });
    }
    await one.page.click('main button.danger');
    const told = await one.page.innerText('[role=alert]');
    expect(told).toContain('Change 12');
    expect(told).not.toContain('A shop.');
    expect(told).toContain('test-admin');
  });

  test('what was deleted meanwhile is said to be gone', async () => {
    const { client, path } = await made();
    await one.open(path('/disable'));
    await op.admin(`/clients/${client.client_id}`, { method: 'DELETE' });
    await one.page.click('main button.danger');
    expect(await one.page.innerText('main')).toContain(client.client_id);
    expect(await one.page.innerText('main')).toMatch(/no client/);
  });
});
