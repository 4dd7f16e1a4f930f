/** What the wizard shows in Python, Go and Java is put to use as it stands, where those are installed. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { describeWithBrowser, launchBrowser } from '../support/browser.ts';
import { findGo, findJava, findPython } from '../support/languages.ts';
import { type Op, startOp, type TestAccount } from '../support/op.ts';
import { type DashboardTab, signedIn } from './support.ts';
import { build, freePort, type Program, run, type Shown, signInAt } from './wizard.ts';

const missing = {
  python: 'no Authlib: install it and set AUTHLIB_PYTHON to its python',
  flask: 'no Flask beside Authlib: install it in the environment of AUTHLIB_PYTHON',
  go: 'no Go: set GO to its command; it fetches two modules the first time',
  java: 'no Java that compiles: set JAVA to the java of a JDK, 17 or newer',
};

const found = {
  python: findPython('authlib', 'requests'),
  flask: findPython('authlib', 'requests', 'flask'),
  go: findGo(),
  java: findJava(),
};

for (const [name, command] of Object.entries(found)) {
  if (!command) console.log(missing[name as keyof typeof missing]);
}

/** What is read from a server that has no certificate, as while one develops. */
const PYTHON = { AUTHLIB_INSECURE_TRANSPORT: '1' };

describeWithBrowser('what the wizard shows in other languages works as it stands', () => {
  let op: Op;
  let browser: Browser;
  let tab: DashboardTab;
  let person: TestAccount;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'clientele-code-'));
    [op, browser] = await Promise.all([startOp(), launchBrowser()]);
    [tab, person] = await Promise.all([signedIn(op, browser), op.createAccount()]);
  });
  afterAll(async () => {
    await tab?.close();
    await browser?.close();
    await op?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const secretOf = ({ client_secret = '' }: Shown) => ({ CLIENT_SECRET: client_secret });

  /** The code of a language as a file. */
  const written = (name: string, code = '') => {
    const path = join(mkdtempSync(join(folder, 'code-')), name);
    writeFileSync(path, code);
    return path;
  };

  /** Built with the modules of the relying party of `test/interop`, so nothing else is fetched. */
  function builtGo(code = ''): string {
    const place = mkdtempSync(join(folder, 'go-'));
    for (const file of ['go.mod', 'go.sum'])
      cpSync(join(import.meta.dirname, '../interop/go', file), join(place, file));
    writeFileSync(join(place, 'main.go'), code);
    const built = spawnSync(String(found.go), ['build', '-o', 'program', '.'], {
      cwd: place,
      encoding: 'utf8',
    });
    expect(built).toMatchObject({ status: 0, stderr: expect.any(String) });
    return join(place, 'program');
  }

  describe('a service, for the API that the wizard opened to it', () => {
    let identifier: string;
    let shown: Shown;
    beforeAll(async () => {
      const scopes = [{ name: 'stock:read' }, { name: 'stock:write' }];
      const name = 'Stock API';
      ({ identifier } = await op.createResource({ name, scopes }));
      const answers = { client_name: 'Nightly job', resource: name, scope: 'stock:read' };
      shown = await build(tab, 'server-to-server', answers);
    });

    const expectToken = (token: string) => {
      const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
      expect(claims).toMatchObject({
        aud: identifier,
        client_id: shown.client_id,
        scope: 'stock:read',
      });
    };

    (found.python ? test : test.skip)('in Python (Authlib)', async () => {
      const file = written('app.py', shown.samples.Python?.[0]);
      const environment = { ...PYTHON, ...secretOf(shown) };
      expectToken(await run(String(found.python), [file], environment).rest());
    });

    (found.java ? test : test.skip)(
      'in Java (JDK)',
      async () => {
        const file = written('Token.java', shown.samples.Java?.[0]);
        const answer = await run(String(found.java), [file], secretOf(shown)).rest();
        expectToken(JSON.parse(answer).access_token);
      },
      120_000,
    );

    (found.go ? test : test.skip)(
      'in Go (x/oauth2)',
      async () => {
        const program = builtGo(shown.samples.Go?.[0]);
        expectToken(await run(program, [], secretOf(shown)).rest());
      },
      240_000,
    );
  });

  describe('a web application', () => {
    let origin: string;
    let shown: Shown;
    beforeAll(async () => {
      origin = `http://127.0.0.1:${await freePort()}`;
      const redirect_uris = `${origin}/callback`;
      shown = await build(tab, 'web', { client_name: 'Shop', redirect_uris });
    });

    const expectSignIn = async (program: Program) => {
      try {
        expect(await signInAt(op, origin, person)).toMatchObject({ sub: person.id });
      } catch (error) {
        throw new Error(`${error}\n${program.faults()}`);
      } finally {
        program.stop();
        await program.rest().catch(() => undefined);
      }
    };

    (found.flask ? test : test.skip)('in Python (Authlib, Flask)', async () => {
      const file = written('app.py', shown.samples.Python?.[0]);
      const environment = { ...PYTHON, ...secretOf(shown), SESSION_KEY: 'of this test' };
      const flask = ['-m', 'flask', '--app', file, 'run', '--port', new URL(origin).port];
      await expectSignIn(run(String(found.flask), flask, environment));
    });

    (found.go ? test : test.skip)(
      'in Go (go-oidc)',
      () => expectSignIn(run(builtGo(shown.samples.Go?.[0]), [], secretOf(shown))),
      240_000,
    );
  });
});
