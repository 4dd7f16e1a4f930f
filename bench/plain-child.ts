import { join } from 'node:path';
import { type Child, freePort, start } from './child.ts';
import type { Fixture } from './fixture.ts';

/**
 * Starts plain `oidc-provider`.
 * @param bench the folder of the benchmark that sets it up; @param folder for what it writes
 */
export async function startPlain(
  bench: string,
  folder: string,
  fixture: Fixture,
  flags: readonly string[] = [],
): Promise<Child> {
  const port = await freePort();
  return start({
    name: 'plain',
    args: [...flags, join(bench, 'plain.ts')],
    env: { PORT: String(port), FIXTURE: JSON.stringify(fixture) },
    port,
    ready: '/.well-known/openid-configuration',
    folder,
  });
}
