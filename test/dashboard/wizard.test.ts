import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { clientTypes } from '../../src/clients/values.ts';
import { keyCommand } from '../../src/dashboard/wizard/key-command.ts';
import { overflows } from '../pages/axe.ts';
import { describeWithBrowser, launchBrowser } from '../support/browser.ts';
import { CALLBACK, type Op, startOp } from '../support/op.ts';
import { axeFaults, type DashboardTab, signedIn } from './support.ts';
import { build, fillIn, runShell } from './wizard.ts';

describeWithBrowser('the wizard', () => {
  let op: Op;
  let browser: Browser;
  let tab: DashboardTab;
  beforeAll(async () => {
    [op, browser] = await Promise.all([startOp(), launchBrowser()]);
    tab = await signedIn(op, browser);
  });
  afterAll(async () => {
    await tab?.close();
    await browser?.close();
    await op?.close();
  });

  test('offers every type of client, each in words', async () => {
    await tab.open('/clients/new');
    const links = await tab.page
      .locator('a.pick')
      .evaluateAll((all) =>
        all.map((one) => (one as unknown as { href: string }).href.split('/').at(-1)),
      );
    expect(links).toEqual([...clientTypes]);
    expect(await tab.page.innerText('main')).not.toContain('dashboard.wizard');
  });

  test.each(clientTypes)('asks what %s needs, accessibly and on a phone', async (type) => {
    await tab.open(`/clients/new/${type}`);
    expect(await tab.page.innerText('main')).not.toContain('dashboard.wizard');
    expect(await axeFaults(tab.page)).toEqual([]);
    await tab.page.setViewportSize({ width: 360, height: 740 });
    expect(await overflows(tab.page)).toBe(false);
    await tab.page.setViewportSize({ width: 1280, height: 800 });
    expect(tab.faults).toEqual([]);
  });

  test('shows the secret once, and code without it', async () => {
    const shown = await build(tab, 'web', { client_name: 'Shop', redirect_uris: CALLBACK });
    expect(shown.client_secret).toMatch(/^[\w-]{40,}$/);
    expect(shown.discovery).toBe(`${op.issuer}/.well-known/openid-configuration`);
    expect(Object.keys(shown.samples)).toEqual(['Node', 'Python', 'Java (Spring)', 'Go', 'curl']);
    for (const files of Object.values(shown.samples)) {
      expect(files.join('\n')).toContain(shown.client_id);
      expect(files.join('\n')).not.toContain(shown.client_secret);
    }
    expect(await axeFaults(tab.page)).toEqual([]);
    await tab.page.reload();
    expect(await tab.page.content()).not.toContain(shown.client_secret);
    expect(await tab.page.locator('#secret').count()).toBe(0);
  });

  test('says each mistake at its field, keeps what was typed, and creates nothing', async () => {
    const { page, open } = tab;
    await open('/clients/new/web');
    const typed = 'https://shop.example/callback\nhttp://shop.example/two#three';
    // Keys are asked for once that is how it proves who it is.
    expect(await page.isVisible('#f-keys')).toBe(false);
    await fillIn(tab, { client_name: 'Mistaken', redirect_uris: typed, proof: 'key', keys: '{' });
    for (const button of ['Create client', 'Check without creating']) {
      await page.click(`button:has-text("${button}")`);
      expect(await page.locator('#e-keys').innerText()).toContain('neither JSON');
      await page.fill('#f-keys', '');
      await page.click(`button:has-text("${button}")`);
      expect(await page.locator('#e-redirect_uris').innerText()).toContain(
        'Line 2: must not have a fragment → http://shop.example/two',
      );
      expect(await page.locator('#e-keys').innerText()).toContain('needs public keys');
      expect(await page.inputValue('#f-redirect_uris')).toBe(typed);
      expect(await page.inputValue('#f-client_name')).toBe('Mistaken');
      expect(await page.isChecked('[name=proof][value=key]')).toBe(true);
      expect(await axeFaults(page)).toEqual([]);
      await page.fill('#f-keys', '{');
    }
    await fillIn(tab, { redirect_uris: CALLBACK, proof: 'secret' });
    await page.click('button:has-text("Check without creating")');
    expect(await page.innerText('[role=status]')).toContain('would accept');
    const { body } = await op.admin('/clients?q=Mistaken');
    expect(body.items).toEqual([]);
  });

  test('its command makes a key pair whose public half it takes, and whose private half it refuses', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'clientele-keys-'));
    try {
      const made = await runShell(`cd '${folder}'\n${keyCommand.join('\n')}`).rest();
      const answers = { client_name: 'Keys', proof: 'key' };
      const { client_secret, samples } = await build(tab, 'server-to-server', {
        ...answers,
        keys: made,
      });
      expect(client_secret).toBeUndefined();
      expect(Object.keys(samples)).toEqual(['Node']);
      await tab.open('/clients/new/server-to-server');
      await fillIn(tab, { ...answers, keys: readFileSync(join(folder, 'private.jwk'), 'utf8') });
      await tab.page.click('button:has-text("Create client")');
      expect(await tab.page.locator('#e-keys').innerText()).toContain('private key material');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('opens an API to a service: no more of it than was chosen', async () => {
    const { page, open } = tab;
    const name = '<i>Stock</i> "API"';
    const scopes = [
      { name: 'read', description: '<b>See</b> what is there' },
      { name: 'write' },
      { name: 'delete' },
    ];
    const access = [{ client_id: 'another', scopes: ['delete'] }];
    const [stock, other] = [
      await op.createResource({ name, scopes, access }),
      await op.createResource({ name: 'Other', scopes: [{ name: 'read' }] }),
    ];
    const at = (id: string) => op.admin(`/resources/${id}`);
    await open('/clients/new/server-to-server');
    await fillIn(tab, { client_name: 'Picker', resource: 'Other' });
    await page.click('button:has-text("Create client")');
    await page.check('#scopes >> text=read');
    // A scope of the same name at another API is another one.
    await fillIn(tab, { resource: name });
    await page.click('button:has-text("Create client")');
    expect(await page.inputValue('#f-client_name')).toBe('Picker');
    expect(await page.locator('#scopes input').count()).toBe(3);
    expect(await page.locator('#scopes input:checked').count()).toBe(0);
    expect(await page.locator('#scopes').innerText()).toContain('<b>See</b>');
    expect(await page.locator('#scopes [role=status]').innerText()).toContain('Nothing has been');
    expect(await axeFaults(page)).toEqual([]);
    expect((await op.admin('/clients?q=Picker')).body.items).toEqual([]);

    await page.check('#scopes >> text=read');
    await page.click('button:has-text("Check without creating")');
    expect(await page.innerText('.notice')).toMatch(/ask for tokens for .*Stock.*: read$/s);
    expect((await at(stock.id)).body.access).toEqual(access);
    await page.click('button:has-text("Create client")');
    await page.waitForURL('**/code');
    const [made] = (await op.admin('/clients?q=Picker')).body.items;
    expect((await at(stock.id)).body.access).toEqual([
      ...access,
      { client_id: made.client_id, scopes: ['read'] },
    ]);
    expect((await at(other.id)).body.access).toEqual([]);
    expect(await page.innerText('main')).toContain(stock.identifier);
    expect(await page.locator('pre').first().textContent()).toContain("scope: 'read'");
  });

  test('says so when the API cannot be opened, of which the client stays', async () => {
    const { page, open } = tab;
    const access = Array.from({ length: 1000 }, (_, n) => ({ client_id: `c${n}`, scopes: [] }));
    await op.createResource({ name: 'Full', access });
    await open('/clients/new/server-to-server');
    await fillIn(tab, { client_name: 'Left out', resource: 'Full' });
    await page.click('button:has-text("Create client")');
    await page.waitForURL('**/code');
    expect(await page.innerText('[role=status]')).toContain('Full could not be opened');
    expect(await page.locator('#secret').count()).toBe(1);
  });

  test('offers no API where none can be opened, and of this server’s own no more than one has', async () => {
    const { page, open } = tab;
    await open('/clients/new/web');
    expect(await page.locator('#f-resource').count()).toBe(0);
    const editor = await signedIn(op, browser, { role: 'editor' });
    await editor.open('/clients/new/server-to-server');
    const own = (await op.admin('/resources')).body.items.find(
      ({ identifier }: { identifier: string }) => identifier === `${op.issuer}/api/v1`,
    );
    await editor.page.selectOption('#f-resource', own.id);
    await editor.page.fill('#f-client_name', 'Automation');
    await editor.page.click('button:has-text("Create client")');
    const shown = await editor.page.locator('#scopes code').allInnerTexts();
    expect(shown).toContain('clients:write');
    expect(shown).not.toContain('accounts:write');
    await editor.close();
  });

  test('a hostile name stays text', async () => {
    const name = `</script><img src=x onerror=alert(1)>'"\`\${x}`;
    const { samples } = await build(tab, 'web', { client_name: name, redirect_uris: CALLBACK });
    expect(await tab.page.locator('main img').count()).toBe(0);
    expect(await tab.page.innerText('.lead')).toContain(name);
    expect(Object.values(samples).flat().join()).not.toContain(name);
    // What was refused before is told by the browser too.
    expect(tab.faults.filter((fault) => !fault.includes('422'))).toEqual([]);
  });

  test('is not for viewers, who see the code of a client without its secret', async () => {
    const client = await op.createClient();
    const viewer = await signedIn(op, browser, { role: 'viewer' });
    for (const path of ['/clients/new', '/clients/new/web']) {
      await viewer.open(path);
      expect(await viewer.page.innerText('h1')).toBe('This is not open to you');
    }
    await viewer.open(`/clients/${client.client_id}/code`);
    const content = await viewer.page.content();
    expect(content).toContain('openid-client');
    expect(content).not.toContain(client.client_secret);
    await viewer.close();
  });

  test('speaks German', async () => {
    const german = await signedIn(op, browser, { look: { locale: 'de-DE' } });
    await german.open('/clients/new');
    expect(await german.page.innerText('h1')).toBe('Was entsteht?');
    await german.close();
  });

  test('knows no other types', async () => {
    await tab.open('/clients/new/toaster');
    expect(await tab.page.innerText('main')).toContain('no such type');
  });
});
