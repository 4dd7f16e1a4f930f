/** A client of each type is built in the wizard, and what its last page shows is put to use as it stands. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { shownBy } from '../flows/client-methods.ts';
import { letIn } from '../flows/device-requests.ts';
import { createAgent, leftFor } from '../support/agent.ts';
import { describeWithBrowser, launchBrowser, openTab } from '../support/browser.ts';
import { issue } from '../support/certificates.ts';
import { type ClientKeys, makeKeys } from '../support/keys.ts';
import { CALLBACK, type Op, startOp, type TestAccount } from '../support/op.ts';
import { createProfileRp } from '../support/profile-rp.ts';
import { createRp } from '../support/rp.ts';
import { type DashboardTab, logIn, signedIn } from './support.ts';
import {
  build,
  copied,
  freePort,
  keyFile,
  type Program,
  runNode,
  runShell,
  serveModule,
  signInAt,
} from './wizard.ts';

const PUBLIC = { token_endpoint_auth_method: 'none' };
const BASIC = { token_endpoint_auth_method: 'client_secret_basic' };

describeWithBrowser('what the wizard shows works as it stands', () => {
  let op: Op;
  let browser: Browser;
  let tab: DashboardTab;
  let person: TestAccount;
  let keys: ClientKeys;
  beforeAll(async () => {
    [op, browser, keys] = await Promise.all([startOp(), launchBrowser(), makeKeys('PS256')]);
    [tab, person] = await Promise.all([signedIn(op, browser), op.createAccount()]);
  });
  afterAll(async () => {
    await tab?.close();
    await browser?.close();
    await op?.close();
  });

  const using = async <T>(program: Program, act: () => Promise<T>): Promise<T> => {
    try {
      return await act();
    } catch (error) {
      throw new Error(`${error}\n${program.faults()}`);
    } finally {
      program.stop();
    }
  };

  test('web: in Node, with curl, and with the values alone', async () => {
    const origin = `http://127.0.0.1:${await freePort()}`;
    const redirect_uri = `${origin}/callback`;
    const shown = await build(tab, 'web', { client_name: 'Shop', redirect_uris: redirect_uri });
    const environment = { CLIENT_SECRET: shown.client_secret ?? '' };

    const program = runNode(shown.samples.Node?.[0] ?? '', environment);
    const claims = await using(program, () => signInAt(op, origin, person));
    expect(claims).toMatchObject({ sub: person.id, aud: shown.client_id });

    const shell = runShell(shown.samples.curl?.[0] ?? '', environment);
    await shell.line();
    const back = leftFor(await createAgent(op.issuer).authorize(await shell.line(), person));
    shell.say(back.href);
    await shell.line();
    expect(JSON.parse(await shell.rest())).toMatchObject({ id_token: expect.any(String) });

    const rp = await createRp(
      op.issuer,
      copied(shown, { redirect_uris: [redirect_uri], ...BASIC }),
    );
    expect((await rp.signIn(person)).claims.sub).toBe(person.id);
  });

  test('server to server: in Node and with curl, for the API that the wizard opened to it', async () => {
    const name = 'Stock API';
    const scopes = [{ name: 'stock:read' }, { name: 'stock:write' }];
    const { identifier } = await op.createResource({ name, scopes });
    const shown = await build(tab, 'server-to-server', {
      client_name: 'Nightly job',
      resource: name,
      scope: 'stock:read',
    });
    expect(Object.keys(shown.samples)).toEqual(['Node', 'Python', 'Java', 'Go', 'curl']);
    const environment = { CLIENT_SECRET: shown.client_secret ?? '' };
    const token = (await runNode(shown.samples.Node?.[0] ?? '', environment).rest()).trim();
    const answer = JSON.parse(await runShell(shown.samples.curl?.[0] ?? '', environment).rest());
    for (const one of [token, answer.access_token]) {
      const claims = JSON.parse(Buffer.from(one.split('.')[1] ?? '', 'base64url').toString());
      expect(claims).toMatchObject({
        aud: identifier,
        client_id: shown.client_id,
        scope: 'stock:read',
      });
    }
  });

  test('single-page application: in a browser', async () => {
    const port = await freePort();
    const app = `http://127.0.0.1:${port}/`;
    const shown = await build(tab, 'single-page-application', {
      client_name: 'Planner',
      redirect_uris: app,
    });
    expect(shown.client_secret).toBeUndefined();
    const served = await serveModule(port, shown.samples['oidc-client-ts']?.[0] ?? '');
    const { page, faults, close } = await openTab(browser, { javaScript: true });
    try {
      await page.goto(app);
      await page.waitForSelector('#email');
      await logIn(page, person);
      await page.waitForSelector('body[data-user]', { state: 'attached' });
      expect(await page.getAttribute('body', 'data-user')).toBe(person.id);
      expect(page.url()).toBe(app);
      expect(faults).toEqual([]);
    } finally {
      await close();
      await served.close();
    }
  });

  test('native: in Node, on any port of loopback', async () => {
    const shown = await build(tab, 'native', { client_name: 'Notes' });
    expect(shown.client_secret).toBeUndefined();
    const program = runNode(shown.samples.Node?.[0] ?? '');
    const to = (await program.line()).replace('Open ', '');
    await fetch(leftFor(await createAgent(op.issuer).authorize(to, person)));
    expect(await program.rest()).toContain(person.id);
  });

  test('native: a private-use scheme is for a phone', async () => {
    const redirect_uris = 'com.example.notes:/callback';
    const shown = await build(tab, 'native', { client_name: 'Notes', redirect_uris });
    expect(Object.keys(shown.samples)).toEqual(['Android (AppAuth)']);
    const rp = await createRp(
      op.issuer,
      copied(shown, { redirect_uris: [redirect_uris], ...PUBLIC }),
    );
    expect((await rp.signIn(person)).claims.sub).toBe(person.id);
  });

  test('device: in Node, and by hand with curl', async () => {
    const shown = await build(tab, 'device', { client_name: 'Television', party: 'third' });
    const program = runNode(shown.samples.Node?.[0] ?? '');
    const [, user_code = ''] = /enter (\S+)$/.exec(await program.line()) ?? [];
    await letIn(op, { user_code } as never, person);
    expect(await program.rest()).toContain(person.id);

    const [first = '', second = ''] = (shown.samples.curl?.[0] ?? '').split('\n\n');
    const asked = JSON.parse(await runShell(first).rest());
    const polled = async () =>
      JSON.parse(await runShell(second, { DEVICE_CODE: asked.device_code }).rest());
    expect(await polled()).toMatchObject({ error: 'authorization_pending' });
    await letIn(op, asked, person);
    expect(await polled()).toMatchObject({ id_token: expect.any(String) });
  });

  test.each(['fapi2-security-profile', 'fapi2-message-signing'])(
    'financial, %s: in Node, and with the values alone',
    async (profile) => {
      const port = await freePort();
      const redirect_uri = `https://127.0.0.1:${port}/callback`;
      const shown = await build(tab, 'financial', {
        client_name: 'Bank',
        profile,
        redirect_uris: redirect_uri,
        keys: JSON.stringify(keys.jwks),
      });
      expect(Object.keys(shown.samples)).toEqual(['Node']);
      const { body: client } = await op.admin(`/clients/${shown.client_id}`);
      const rp = await createProfileRp(op.issuer, client, keys);
      expect((await rp.signIn(person)).claims()?.sub).toBe(person.id);

      const file = await keyFile(keys);
      const program = runNode(shown.samples.Node?.[0] ?? '', { PRIVATE_JWK_FILE: file.path });
      try {
        const origin = `http://127.0.0.1:${port}`;
        expect(await using(program, () => signInAt(op, origin, person))).toMatchObject({
          sub: person.id,
        });
      } finally {
        file.remove();
      }
    },
  );

  test('financial, fapi1-advanced: where there are client certificates', async () => {
    const mutual = await startOp({ mtls: { mode: 'proxy' } });
    const entrance = await signedIn(mutual, browser);
    try {
      const redirect_uri = 'https://bank.example/callback';
      const shown = await build(entrance, 'financial', {
        client_name: 'Bank',
        profile: 'fapi1-advanced',
        redirect_uris: redirect_uri,
        keys: JSON.stringify(keys.jwks),
      });
      expect(shown.samples.Node?.[0]).toContain('CERTIFICATE_FILE');
      const { body: client } = await mutual.admin(`/clients/${shown.client_id}`);
      const rp = await createProfileRp(mutual.issuer, client, keys, shownBy(issue()));
      const account = await mutual.createAccount();
      expect((await rp.signIn(account)).claims()?.sub).toBe(account.id);
      const subject = 'CN=bank.example,O=Bank,C=DE';
      const other = await build(entrance, 'financial', {
        client_name: 'Certified bank',
        proof: 'certificate',
        redirect_uris: redirect_uri,
        subject,
      });
      expect((await mutual.admin(`/clients/${other.client_id}`)).body).toMatchObject({
        token_endpoint_auth_method: 'tls_client_auth',
        tls_client_auth_subject_dn: subject,
        tls_client_certificate_bound_access_tokens: true,
      });
    } finally {
      await entrance.close();
      await mutual.close();
    }
  });

  test('a client with keys: in Node', async () => {
    const shown = await build(tab, 'server-to-server', {
      client_name: 'Signer',
      proof: 'key',
      keys: JSON.stringify(keys.jwks),
    });
    const file = await keyFile(keys);
    try {
      const program = runNode(shown.samples.Node?.[0] ?? '', { PRIVATE_JWK_FILE: file.path });
      expect((await program.rest()).length).toBeGreaterThan(20);
    } finally {
      file.remove();
    }
  });

  test('what is asked of third parties is asked', async () => {
    const shown = await build(tab, 'web', {
      client_name: 'Theirs',
      redirect_uris: CALLBACK,
      party: 'third',
    });
    const rp = await createRp(op.issuer, copied(shown, { redirect_uris: [CALLBACK], ...BASIC }));
    const { url } = await rp.start();
    const agent = createAgent(op.issuer);
    const page = await agent.login(url, person);
    expect(page.html).toContain('Theirs');
    expect(page.left).toBeUndefined();
  });
});
