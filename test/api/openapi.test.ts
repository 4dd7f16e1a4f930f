import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ClientMetadata } from '../../src/clients/metadata.ts';
import { type Op, startOp } from '../support/op.ts';

let op: Op;
// biome-ignore lint/suspicious/noExplicitAny: a document is walked
let document: any;
beforeAll(async () => {
  op = await startOp();
  document = (await op.get('/api/v1/openapi.json')).body;
});
afterAll(() => op.close());

test('the document describes every route, with the scope that it wants', () => {
  expect(document.openapi).toBe('3.1.0');
  const operations = Object.entries<Record<string, { security: { oauth: string[] }[] }>>(
    document.paths,
  ).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, { security }]) => `${method} ${path} ${security[0]?.oauth}`,
    ),
  );
  for (const kind of ['clients', 'accounts', 'resources']) {
    const one = kind === 'clients' ? '{client_id}' : '{id}';
    expect(operations).toEqual(
      expect.arrayContaining([
        `get /${kind} ${kind}:read`,
        `post /${kind} ${kind}:write`,
        `get /${kind}/${one} ${kind}:read`,
        `put /${kind}/${one} ${kind}:write`,
        `patch /${kind}/${one} ${kind}:write`,
        `delete /${kind}/${one} ${kind}:write`,
      ]),
    );
  }
});

test('every reference leads somewhere and every operation has a name of its own', () => {
  const text = JSON.stringify(document);
  const references = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
  for (const name of references) expect(document.components.schemas).toHaveProperty(name as string);
  const names = [...text.matchAll(/"operationId":"(\w+)"/g)].map(([, name]) => name);
  expect(new Set(names).size).toBe(names.length);
});

test('a client’s properties are those of the one declaration, with its words', () => {
  const { properties } = document.components.schemas.ClientInput;
  for (const [name, schema] of Object.entries(ClientMetadata.shape)) {
    expect(properties[name]).toMatchObject({
      title: schema.meta()?.title,
      description: schema.meta()?.help,
    });
  }
});

test('every property says what it is, where it comes from and who may set it', () => {
  for (const [name, schema] of Object.entries(ClientMetadata.shape)) {
    expect({ name, ...schema.meta() }).toEqual(
      expect.objectContaining({
        title: expect.any(String),
        help: expect.any(String),
        group: expect.any(String),
        widget: expect.any(String),
        spec: expect.any(String),
        by: expect.stringMatching(/^(administrator|registration|nobody)$/),
      }),
    );
  }
});

test('a linter that knows OpenAPI finds nothing to say about it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'clientele-openapi-'));
  const file = join(folder, 'openapi.json');
  writeFileSync(file, JSON.stringify(document));
  const cli = join(import.meta.dirname, '../../node_modules/@redocly/cli/bin/cli.js');
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
  try {
    // It exits with 1 when there are errors: what it says of them is the better message.
    const told = await new Promise<string>((resolve) => {
      const args = [cli, 'lint', file, '--format=json'];
      // In a folder of its own, so that nobody's configuration softens its rules.
      execFile(process.execPath, args, { cwd: folder, env }, (_, stdout) => resolve(stdout));
    });
    const { totals, problems } = JSON.parse(told);
    expect({ totals, problems }).toEqual({
      totals: { errors: 0, warnings: 0, ignored: 0 },
      problems: [],
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
