import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import {
  describeWithBrowser,
  type Landing,
  launchBrowser,
  openTab,
  sizes,
  startLanding,
} from '../support/browser.ts';
import { type Op, startOp, type TestAccount, type TestClient } from '../support/op.ts';
import { createRp, openid } from '../support/rp.ts';

/** What has the keyboard's focus: a control's name or text, and whether one can see that it has. */
async function focused(page: Page): Promise<{ what: string; seen: boolean }> {
  const control = page.locator(':focus');
  if ((await control.count()) === 0) return { what: 'nothing', seen: false };
  const [name, value] = [await control.getAttribute('name'), await control.getAttribute('value')];
  // As text: this project knows no types of the browser's own world.
  const seen = await page.evaluate<boolean>(`
    [...document.querySelectorAll(':focus-visible, :has(> :focus-visible)')].some((element) => {
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
      return (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none';
    })`);
  const what = [name, value].filter(Boolean).join('=');
  return { what: what || (await control.innerText()), seen };
}

/** Presses Tab until something has the focus; every stop on the way must be visible. */
async function tabTo(page: Page, what: string): Promise<void> {
  const stops: string[] = [];
  for (let presses = 0; presses < 25; presses += 1) {
    const here = await focused(page);
    if (here.what === what) {
      expect([what, here.seen]).toEqual([what, true]);
      return;
    }
    stops.push(here.what);
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not lead to ${what}, but to ${stops.join(', ')}`);
}

/** Fills in the login page from the field that has the focus, and presses Enter. */
async function signIn(page: Page, { email, password }: TestAccount): Promise<void> {
  await page.waitForSelector('#email:focus');
  await page.keyboard.type(email);
  await page.keyboard.press('Tab');
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
}

describeWithBrowser('by keyboard alone and without scripts', () => {
  let op: Op;
  let browser: Browser;
  let landing: Landing;
  let client: TestClient;
  let account: TestAccount;
  beforeAll(async () => {
    [op, browser, landing] = await Promise.all([startOp(), launchBrowser(), startLanding()]);
    client = await op.createClient({
      client_name: 'Their Game',
      first_party: false,
      redirect_uris: [landing.callback],
      post_logout_redirect_uris: [`${landing.origin}/goodbye`],
    });
  });
  // What a person decided is remembered, so each test has a person of its own.
  beforeEach(async () => {
    account = await op.createAccount({ phone_number: '+15550100' });
  });
  afterAll(async () => {
    await browser?.close();
    await landing?.close();
    await op?.close();
  });

  for (const size of Object.keys(sizes) as (keyof typeof sizes)[]) {
    test(`a person signs in, allows less than was asked for and signs out (${size})`, async () => {
      const { page, faults, close } = await openTab(browser, { size });
      const rp = await createRp(op.issuer, client);
      const started = await rp.start({ scope: 'openid email phone' });
      await page.goto(started.url.href);

      // The first field has the focus by itself.
      await page.waitForSelector('#email:focus');
      expect(await focused(page)).toEqual({ what: 'email', seen: true });
      await page.keyboard.type(account.email);
      await tabTo(page, 'password');
      await page.keyboard.type('a wrong password');
      await page.keyboard.press('Enter');
      await page.waitForSelector('#problem');
      expect(await page.title()).toMatch(/^Error: /);

      await tabTo(page, 'password');
      await page.keyboard.type(account.password);
      await tabTo(page, 'remember=yes');
      await page.keyboard.press('Space');
      await tabTo(page, 'Sign in');
      await page.keyboard.press('Enter');

      await page.waitForSelector('button[name=decision]');
      await tabTo(page, 'scope=phone');
      await page.keyboard.press('Space');
      await tabTo(page, 'decision=allow');
      await page.keyboard.press('Enter');

      await page.waitForURL(`${landing.callback}?**`);
      const tokens = await rp.redeem(new URL(page.url()), started);
      expect(tokens.scope).toBe('openid email');
      const cookies = await page.context().cookies(op.issuer);
      expect(cookies.find(({ name }) => name === 'session')).toMatchObject({
        httpOnly: true,
        sameSite: 'Lax',
        expires: -1,
      });

      const out = { id_token_hint: tokens.id_token ?? '' };
      await page.goto(openid.buildEndSessionUrl(rp.config, out).href);
      await tabTo(page, 'logout=yes');
      await page.keyboard.press('Enter');
      await page.waitForSelector('h1:has-text("signed out")');
      await page.goto((await rp.start({ prompt: 'none' })).url.href);
      expect(new URL(page.url()).searchParams.get('error')).toBe('login_required');
      // 422 is how a refused form is told from an accepted one; the console says so, too.
      expect(faults.filter((fault) => !fault.includes('422'))).toEqual([]);
      await close();
    });
  }

  test('a person who denies goes back with an error', async () => {
    const { page, close } = await openTab(browser);
    const rp = await createRp(op.issuer, client);
    await page.goto((await rp.start({ scope: 'openid email' })).url.href);
    await signIn(page, account);
    await page.waitForSelector('button[name=decision]');
    await tabTo(page, 'decision=deny');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${landing.callback}?**`);
    expect(new URL(page.url()).searchParams.get('error')).toBe('access_denied');
    await close();
  });

  test('a person who cancels goes back with an error', async () => {
    const { page, close } = await openTab(browser);
    await page.goto((await (await createRp(op.issuer, client)).start()).url.href);
    await tabTo(page, 'cancel=yes');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${landing.callback}?**`);
    expect(new URL(page.url()).searchParams.get('error')).toBe('access_denied');
    await close();
  });

  test('Enter in a field signs in, and does not cancel', async () => {
    const { page, close } = await openTab(browser);
    const first = await op.createClient({ redirect_uris: [landing.callback] });
    await page.goto((await (await createRp(op.issuer, first)).start()).url.href);
    await signIn(page, account);
    await page.waitForURL(`${landing.callback}?**`);
    expect(new URL(page.url()).searchParams.has('code')).toBe(true);
    await close();
  });

  test('a person who stays signed in goes back, and is', async () => {
    const { page, close } = await openTab(browser);
    const first = await op.createClient({ redirect_uris: [landing.callback] });
    const rp = await createRp(op.issuer, first);
    await page.goto((await rp.start()).url.href);
    await signIn(page, account);
    await page.waitForURL(`${landing.callback}?**`);
    await page.goto(`${op.issuer}/logout`);
    await tabTo(page, 'Stay signed in');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/logout/success**');
    await page.goto((await rp.start({ prompt: 'none' })).url.href);
    expect(new URL(page.url()).searchParams.has('code')).toBe(true);
    await close();
  });
});
