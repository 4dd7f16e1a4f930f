/** A relying party in another language: a program that speaks with its test in lines of JSON. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { expect } from '@jest/globals';
import { createAgent, leftFor } from '../support/agent.ts';
import { startOp } from '../support/op.ts';

/**
 * Gives the program an issuer and its registration, visits the address that it writes, tells it
 * where the browser came back to, and compares what it found with the truth.
 */
export async function signInThrough(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const op = await startOp();
  const [client, person] = [await op.createClient(), await op.createAccount()];
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const say = (value: object) => child.stdin.write(`${JSON.stringify(value)}\n`);
    const hear = async () => JSON.parse((await lines.next()).value ?? '{}');
    const { client_id, client_secret, redirect_uris } = client;
    say({ issuer: op.issuer, client_id, client_secret, redirect_uri: redirect_uris[0] });
    const { url } = await hear();
    const callback = leftFor(await createAgent(op.issuer).authorize(url, person));
    say({ callback: callback.href });
    const user = { sub: person.id, name: 'Ada Lovelace', email: person.email };
    expect(await hear()).toEqual({
      sub: person.id,
      user: expect.objectContaining(user),
      rotated: true,
      refreshed_user: expect.objectContaining(user),
    });
  } finally {
    child.kill();
    await op.close();
  }
}
