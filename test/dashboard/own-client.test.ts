import { expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { allPages } from '../../src/dashboard/pages.ts';
import { describeWithBrowser } from '../support/browser.ts';
import type { Op } from '../support/op.ts';
import { axeFaults, signedIn, useSite } from './support.ts';

const OWN = 'clientele-dashboard';

describeWithBrowser('the dashboard’s own client', () => {
  let op: Op;
  let browser: Browser;
  useSite((site) => {
    ({ op, browser } = site);
  });

  test('is looked at, and says why it is not changed here', async () => {
    const { page, open, close } = await signedIn(op, browser);
    for (const path of ['', '/secrets', '/compliance', '/failures', '/history', '/try']) {
      await open(`/clients/${OWN}${path}`);
      expect(await page.innerText('h1')).toBe('Clientele dashboard');
      expect(await page.innerText('main .notice >> nth=0')).toMatch(/could shut everybody out/);
      expect([path, await page.locator('main form[method=post]').count()]).toEqual([path, 0]);
      expect(await page.locator('main a.button').count()).toBe(0);
      expect(await axeFaults(page)).toEqual([]);
    }
    await close();
  });

  test('is changed by no page, whoever asks', async () => {
    const { page, close } = await signedIn(op, browser);
    const csrf = (await page.locator('input[name=csrf]').first().getAttribute('value')) ?? '';
    const before = (await op.admin(`/clients/${OWN}`)).body;
    const writing = allPages().filter(
      ({ path, scope }) => path.startsWith('/clients/:id') && scope.endsWith(':write'),
    );
    expect(writing.length).toBeGreaterThan(15);
    for (const { method, path } of writing) {
      const address = `${op.issuer}/dashboard${path.replace(':id', OWN).replaceAll(/:\w+/g, 'x')}`;
      const form = { csrf, version: '1', name: OWN, type: 'native', overlap: '0' };
      const answer = await page.request.fetch(address, {
        method,
        maxRedirects: 0,
        ...(method === 'post' && { form }),
      });
      expect([method, path, answer.status()]).toEqual([method, path, 403]);
      expect(await answer.text()).toMatch(/could shut everybody out/);
    }
    const { updated_at, secrets, disabled } = (await op.admin(`/clients/${OWN}`)).body;
    expect({ updated_at, secrets: secrets.length, disabled }).toEqual({
      updated_at: before.updated_at,
      secrets: before.secrets.length,
      disabled: before.disabled,
    });
    await close();
  });
});
