import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, jest, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { pass } from '../flows/clock.ts';
import { describeWithBrowser } from '../support/browser.ts';
import type { Op } from '../support/op.ts';
import { signedIn, useSite } from './support.ts';

describeWithBrowser('a secret is rotated under a running client', () => {
  let op: Op;
  let browser: Browser;
  useSite((site) => {
    ({ op, browser } = site);
  });
  afterEach(() => void jest.restoreAllMocks());

  test('which is refused nothing on the way, and the old secret nothing more after it', async () => {
    const { client_id, client_secret: old = '' } = await op.createClient({
      type: 'server-to-server',
    });
    const ask = async (secret: string) =>
      (
        await op.post(
          '/token',
          { grant_type: 'client_credentials' },
          { basic: [client_id, secret] },
        )
      ).status;

    // The application goes on all the while, with the secret that it was given last.
    const running = { secret: old, stop: false, answers: [] as number[] };
    const work = (async () => {
      while (!running.stop) {
        running.answers.push(await ask(running.secret));
        await pause(20);
      }
    })();

    const { page, open, close } = await signedIn(op, browser);
    await open(`/clients/${client_id}/secrets/new`);
    await page.check('[name=overlap][value="3600"]');
    await page.click('main button.primary');
    const fresh = (await page.locator('figure.code code').first().innerText()).trim();
    expect(fresh).not.toBe(old);
    // Shown this once: a reload no longer has it.
    await page.goto(page.url());
    expect(await page.content()).not.toContain(fresh);

    const asked = running.answers.length;
    running.secret = fresh;
    while (running.answers.length < asked + 5) await pause(20);
    running.stop = true;
    await work;
    expect(new Set(running.answers)).toEqual(new Set([200]));
    expect(await ask(old)).toBe(200);
    pass(3601);
    expect(await ask(old)).toBe(401);
    expect(await ask(fresh)).toBe(200);
    await close();
  });
});
