import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, expect, test } from '@jest/globals';
import { createReport } from '../scripts/demo/report.ts';
import { runSteps, type Step } from '../scripts/demo/run.ts';
import { steps } from '../scripts/demo/steps.ts';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'clientele-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The demo as a process without a terminal, whose temporary files come into `folder`. */
function startDemo(...options: string[]) {
  const { STORE_URL, SECRETS_KEY, ...env } = process.env;
  return spawn(process.execPath, [join(root, 'scripts/demo.ts'), ...options], {
    env: { ...env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** A report as it is read, and the steps that made it. */
async function report(made: readonly Step<object>[], columns?: number) {
  let written = '';
  const write = (piece: string) => {
    written += piece;
  };
  const screen = { write, colour: columns !== undefined, rows: 50, ...(columns && { columns }) };
  const outcomes = await runSteps(made, {}, createReport(screen));
  return { written, outcomes };
}

const failing: Step<object>[] = [
  { name: 'First', run: async (_, proof) => proof.holds('it began', true) },
  { name: 'Second', run: async (_, proof) => proof.equal('iss', 'http://other', 'http://issuer') },
  { name: 'Third', run: async () => {} },
];

test('the demo proves every step, in plain lines, and leaves nothing behind', async () => {
  const child = startDemo();
  const [out, error, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  expect({ code, error, out: code === 0 || out }).toEqual({ code: 0, error: '', out: true });
  const lines = out.trimEnd().split('\n');
  expect(lines).toHaveLength(steps.length + 1);
  for (const [index, { name }] of steps.entries()) {
    expect(lines[index]).toMatch(new RegExp(`^ok {6}${name} – .+ \\(\\d+ ms\\)$`));
  }
  expect(lines.at(-1)).toMatch(/^\d+ steps passed, \d+ facts proved in [\d.]+ s\.$/);
  expect(out).not.toContain('\u001b');
  expect(readdirSync(folder)).toEqual([]);
}, 60_000);

test('served and interrupted, the demo ends well and leaves nothing behind', async () => {
  const child = startDemo('--serve');
  const errors = text(child.stderr);
  let out = '';
  for await (const piece of child.stdout.setEncoding('utf8')) {
    out += piece;
    if (out.includes('Ctrl-C')) break;
  }
  const address = /Open +(\S+)/.exec(out)?.[1] ?? out;
  expect(await (await fetch(address)).text()).toContain('Sign in');
  const [[code]] = await Promise.all([once(child, 'exit'), child.kill('SIGINT')]);
  expect({ code, errors: await errors }).toEqual({ code: 0, errors: '' });
  expect(readdirSync(folder)).toEqual([]);
}, 60_000);

test('an option that does not exist is answered with the usage', async () => {
  const child = startDemo('--sevre');
  const [error, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  expect(code).toBe(2);
  expect(error).toContain('--serve');
});

test('a step that fails says what was expected and what came, and ends the walk', async () => {
  const { written, outcomes } = await report(failing);
  expect(outcomes.map(({ state }) => state)).toEqual(['passed', 'failed', 'not run']);
  const lines = written.split('\n');
  expect(lines[0]).toMatch(/^ok {6}First – it began \(\d+ ms\)$/);
  expect(lines[1]).toMatch(
    /^FAILED {2}Second – not so: iss · expected: http:\/\/issuer · came: http:\/\/other \(\d+ ms\)$/,
  );
  expect(lines.slice(2)).toEqual(['not run Third', 'Failed at “Second”.', '']);
});

test('a terminal gets the same as a table that keeps to its width', async () => {
  const { written } = await report(failing, 80);
  const shown = stripVTControlCharacters(written.slice(written.lastIndexOf('\u001b[J')));
  expect(shown).toContain(' ✗ Second');
  expect(shown).toContain('expected: http://issuer');
  expect(shown).toMatch(/ · Third +not run/);
  for (const line of shown.split('\n')) expect(line.length).toBeLessThan(80);
});
