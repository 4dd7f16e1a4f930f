import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { loadLanguages } from '../../src/web/locale.ts';
import { authorizeUrl } from '../flows/requests.ts';
import { describeWithBrowser, launchBrowser } from '../support/browser.ts';
import { sources } from '../support/english.ts';
import { CALLBACK, type Op, startOp, type TestClient } from '../support/op.ts';
import { axeFaults, type DashboardTab, signedIn } from './support.ts';

const { messages: german } = loadLanguages(
  join(import.meta.dirname, '..', '..', 'locales'),
  'en',
).get('de');

/** Of two words or fewer it cannot be told what language they are. */
const isSentence = (text: string) => text.split(' ').length > 2;
const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** What the code says in English and German says otherwise, whatever its values. */
const english = Object.values(sources)
  .flat()
  .filter(([key, text]) => isSentence(text) && german.get(key) !== text)
  .map(([key, text]) => {
    const parts = text.split(/\{\w+\}/).map(literal);
    return { key, pattern: new RegExp(`(?<![\\w-])${parts.join('[^{}]{1,400}?')}`) };
  });

/** What of a page is English that has a German text. */
async function englishOn(page: Page): Promise<string[]> {
  const text = (await page.textContent('main')) ?? '';
  return english.filter(({ pattern }) => pattern.test(text)).map(({ key }) => key);
}

describeWithBrowser('the dashboard in German', () => {
  let op: Op;
  let browser: Browser;
  let client: TestClient;
  let tab: DashboardTab;
  beforeAll(async () => {
    [op, browser] = await Promise.all([startOp(), launchBrowser()]);
    client = await op.createClient({ client_name: 'Lumen Rechnungen' });
    tab = await signedIn(op, browser, { look: { locale: 'de-AT', size: 'phone' } });
  });
  afterAll(async () => {
    await browser?.close();
    await op?.close();
  });

  /** Whether a page is German, quick to hear as such, and no wider than a phone. */
  async function look(contains: string): Promise<void> {
    const { page } = tab;
    expect(await page.getAttribute('html', 'lang')).toBe('de');
    expect(await page.textContent('main')).toContain(contains);
    expect(await englishOn(page)).toEqual([]);
    const [needs, has] = await page.evaluate<[number, number]>(
      '[document.documentElement.scrollWidth, innerWidth]',
    );
    expect(needs).toBeLessThanOrEqual(has);
    expect(await axeFaults(page)).toEqual([]);
  }

  test('knows English when it sees it', async () => {
    const { page, open, close } = await signedIn(op, browser);
    await open(`/clients/${client.client_id}/edit`);
    expect(await englishOn(page)).toContain('api.properties.redirect_uris.help');
    await close();
  });

  test('labels and explains every property of a client', async () => {
    await tab.open(`/clients/${client.client_id}/edit`);
    await look('Wohin Menschen nach der Anmeldung zurückkehren.');
  });

  test('says what a form violates, by rules, values, and what cannot be read', async () => {
    const { page, open } = tab;
    await open(`/clients/${client.client_id}/edit`);
    await page.fill('[name=redirect_uris]', `${CALLBACK}#here\n${CALLBACK}`);
    await page.fill('[name=client_name]', 'x'.repeat(65));
    await page.fill('[name=contacts]', '5');
    await page.fill('[name=extra_metadata]', '{');
    await page.check('[name=grant_types][value=implicit]');
    await page.click('.review button');
    await page.waitForSelector('.refusals');
    const errors = await page.locator('.refusals').innerText();
    expect(errors).toContain('darf kein Fragment haben');
    expect(errors).toContain('hat zu viele Zeichen');
    expect(errors).toContain('höchstens 64');
    expect(errors).toContain('ist kein JSON');
    expect(errors).toContain('zu implicit führt kein Response-Typ');
    expect(await page.innerText('#e-redirect_uris')).toContain('darf kein Fragment haben');
    expect(await englishOn(page)).toEqual([]);
  });

  test('says what stops by a change', async () => {
    const { page, open } = tab;
    await open(`/clients/${client.client_id}/edit`);
    await page.fill('[name=redirect_uris]', 'https://rp.example/another');
    await page.selectOption('[name=token_endpoint_auth_method]', 'none');
    await page.click('.review button');
    await look('dorthin könnte niemand mehr zurückkehren');
    expect(await page.textContent('main')).toMatch(/das Geheimnis \S+ würde gelöscht/);
  });

  test('reports on every profile', async () => {
    for (const profile of ['fapi2-message-signing', 'fapi1-advanced', 'oauth-security-bcp']) {
      await tab.open(`/clients/${client.client_id}/compliance?profile=${profile}`);
      await look('PKCE mit S256');
    }
    expect(await tab.page.textContent('main')).toContain('sendet oder teilt das Geheimnis');
    await tab.open('/compliance');
    await look('Clients authentifizieren sich mit Schlüsseln oder Zertifikaten');
  });

  test('shows what mends a client, and what a person must do', async () => {
    const { open } = tab;
    await open(
      `/clients/${client.client_id}/compliance/fix?profile=fapi2-security-profile&what=all`,
    );
    await look('braucht öffentliche Schlüssel');
  });

  test('tells why a sign-in failed, the differences as well', async () => {
    const { page, open } = tab;
    const failed = authorizeUrl(op, client, { redirect_uri: `${CALLBACK}/` });
    await op.get(failed.slice(op.issuer.length));
    await op.get(authorizeUrl(op, client, { scope: 'nothing' }).slice(op.issuer.length));
    await op.get(authorizeUrl(op, { ...client, client_id: 'nobody' }).slice(op.issuer.length));
    await open('/failures');
    await look('Einen Client "nobody" gibt es auf diesem Server nicht.');
    const text = await page.innerText('main');
    expect(text).toContain('unterscheidet sie sich hierin: Schrägstrich am Ende.');
    expect(text).toContain('Senden Sie eine registrierte, Zeichen für Zeichen');
  });

  test('explains the options and the types of clients', async () => {
    await tab.open('/settings');
    await look('die Adresse, an der gelauscht wird');
    await tab.open(`/clients/${client.client_id}/convert`);
    await look('JavaScript, das im Browser läuft');
  });

  test('says what the wizard’s answers violate', async () => {
    const { page, open } = tab;
    await open('/clients/new/web');
    await page.fill('[name=client_name]', 'Neu');
    await page.fill('[name=redirect_uris]', 'app.example/callback');
    await page.click('button.primary');
    await look('ist keine absolute URL');
  });

  test('says what the API refuses elsewhere', async () => {
    const { page, open } = tab;
    await open('/resources/new');
    await page.fill('[name=identifier]', 'nowhere');
    await page.fill('[name=name]', 'x');
    await page.click('button.primary');
    await look('eine absolute URI ohne Fragment');
  });
});
