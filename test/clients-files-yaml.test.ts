import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { run } from '../src/commands.ts';
import type { Shell } from '../src/shell.ts';
import { runCommand } from './support/command.ts';

const folder = mkdtempSync(join(tmpdir(), 'clientele-yaml-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const env = { STORE_URL: `sqlite:${join(folder, 'store.db')}` };

/** A file on standard input, in a process of its own. */
const diff = (text: string) => runCommand(['clients', 'diff', '-'], env, text);

/** The same in this process, which is faster: the error that the program would print. */
async function refusal(text: string): Promise<{ code?: string; message: string }> {
  const shell = {
    env,
    args: ['clients', 'diff', '-'],
    stdin: [Buffer.from(text)],
    say: () => {},
  } as unknown as Shell;
  return run(shell).then(
    () => ({ message: 'it was accepted' }),
    (error) => error,
  );
}

const SECRET = 'kept-out-of-every-message-0123456789';
const client = (more: string) =>
  `version: 1\nclients:\n  a:\n    type: web\n    ${more}\n    redirect_uris: [https://a.example/cb]\n`;
const bomb = [
  'version: 1',
  'clients:',
  '  a0: &a0 [x, x, x, x, x, x, x, x, x, x]',
  ...Array.from({ length: 9 }, (_, index) => {
    const alias = `*a${index}`;
    return `  a${index + 1}: &a${index + 1} [${Array(10).fill(alias).join(', ')}]`;
  }),
].join('\n');

/** Title, file, the place of the first mistake, and what is said of it. */
const hostile: [string, string, string, string][] = [
  ['nothing', '', '1:1', 'a mapping with version and clients'],
  ['a list', '- a', '1:1', 'a mapping with version and clients'],
  ['text', SECRET, '1:1', 'a mapping with version and clients'],
  ['no version', 'clients: {}', '1:1 version', 'version: 1'],
  ['a later version', 'version: 2\nclients: {}', '1:1 version', 'version: 1'],
  ['the version as text', 'version: "1"\nclients: {}', '1:1 version', 'version: 1'],
  ['no clients', 'version: 1', '1:1 clients', 'write clients: {} for none'],
  ['a list of clients', 'version: 1\nclients: [a]', '2:1 clients', 'from client_id to properties'],
  ['another key', 'version: 1\nclients: {}\nclinets: {}', '3:1 clinets', 'does not exist'],
  ['a client that is text', 'version: 1\nclients:\n  a: web', '3:3 clients/a', 'a mapping of'],
  ['no type', 'version: 1\nclients:\n  a: {}', '3:3 clients/a', 'no type'],
  ['an unknown type', client('').replace('web', 'robot'), '4:5 clients/a/type', 'one of web'],
  ['a type that is a mapping', client('').replace('web', '{}'), '4:5 clients/a/type', 'one of web'],
  ['broken indentation', 'version: 1\n clients: {}', '1:10', 'text that cannot be read'],
  ['an open bracket', client(`tags: [${SECRET}`), '6:', 'text that cannot be read'],
  ['an open quote', client(`client_name: "${SECRET}`), '7:1', 'missing char'],
  ['two documents', 'version: 1\n---\nversion: 1', '2:1', 'multiple docs'],
  ['a tag', client(`client_name: !!js/function "${SECRET}"`), '5:18', 'tag resolve failed'],
  ['binary data', client('client_name: !!binary aGk='), '5:27', 'a tag (!)'],
  ['a tag that changes nothing', client('client_name: !!str a'), '5:24', 'a tag (!)'],
  ['a key twice', client('client_name: a\n    "client_name": b'), '6:5', 'a second time'],
  ['a client twice', client('').replace(/$/, '  "a": {}'), '7:3', 'a second time'],
  ['__proto__ of a client', client('__proto__: { disabled: true }'), '5:5', 'not allowed'],
  ['__proto__ among clients', 'version: 1\nclients:\n  __proto__: {}', '3:3', 'not allowed'],
  ['constructor below', client('jwks: { constructor: {} }'), '5:13', 'not allowed'],
  ['a merge key', client('<<: { client_name: b }'), '5:5 clients/a/<<', 'is not a property'],
  ['a list as key', client('? [a, b]\n    : c'), '5:7', 'a key that is no text'],
  ['an alias without anchor', client('client_name: *name'), '5:18', 'without an anchor'],
  ['an alias of itself', client('tags: &all [*all]'), '5:17', 'of what it stands in'],
  ['aliases that multiply', bomb, '3:', 'more than 1000000 values'],
  ['a deep pit', client(`jwks: ${'['.repeat(40)}${']'.repeat(40)}`), '5:', 'more than 20 levels'],
  ['a bottomless pit', `a: ${'['.repeat(100_000)}`, '1:', 'resource exhaustion'],
  ['a number for a name', client('client_name: 5'), '5:5 clients/a/client_name', 'string'],
  ['a strange id', 'version: 1\nclients:\n  "a b": { type: web }', '3:3 clients/a b', 'letters'],
  ['a text that turns', client('client_name: "a\\u202eb"'), '5:5', 'direction-changing'],
];

const begins = (text: string) => new RegExp(`^${text.replace(/[^\w :/]/g, '\\$&')}`);

test.each(hostile)('%s is refused with its place', async (_title, text, place, what) => {
  const { code, message } = await refusal(text);
  expect(code).toBe('client_file');
  const [first, , found = ''] = message.split('\n');
  expect(first).toMatch(/^standard input has .+ nothing was changed\.$/);
  expect(found.slice('standard input:'.length)).toMatch(begins(place));
  expect(message).toContain(what);
  expect(message).not.toContain(SECRET);
});

test('the program prints what is wrong, without a stack, and ends with 1', async () => {
  const { status, stdout, stderr } = await diff(client(`client_name: !secret ${SECRET}`));
  expect({ status, stdout, stderr }).toEqual({
    status: 1,
    stdout: '',
    stderr: expect.stringMatching(/^standard input has one mistake; .+\n\n.+:5:18\n( {2}.+\n){3}$/),
  });
  expect(stderr).not.toContain(SECRET);
});

test('a file above the limit is refused before it is read', async () => {
  const { status, stderr } = await diff(`# ${'x'.repeat(5_000_000)}`);
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: 'standard input is larger than 5 MB – split it\n',
  });
});

test('control characters reach no terminal', async () => {
  const { stderr } = await diff('version: 1\nclients:\n  "\\e[31mred\\u009b": { type: web }');
  expect(stderr).toContain('clients/\\u001b[31mred\\u009b');
});

test('aliases that stay small, and ids that look like numbers, are what they say', async () => {
  const { status, stdout, stderr } = await diff(`version: 1
clients:
  0123: { type: web, redirect_uris: &uris [https://a.example/cb] }
  true: { type: web, redirect_uris: *uris }
`);
  expect({ status, stderr }).toEqual({ status: 2, stderr: '' });
  expect(stdout).toContain('+ 0123 (web)');
  expect(stdout).toContain('+ true (web): create\n    redirect_uris: ["https://a.example/cb"]');
});
