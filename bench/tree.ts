/** The benchmark of a checkout, this one or another: only it knows the clients and flows of its server. */
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as Batches from './batch.ts';
import type * as Clients from './client.ts';
import type * as Extensions from './extensions.ts';
import type * as Logins from './logins.ts';
import type * as Operations from './operations.ts';
import type * as Ours from './ours.ts';
import type * as Startups from './startup.ts';
import type * as Targets from './target.ts';

/** What a comparison needs of it; early ones have no extensions. */
export type Tree = typeof Batches &
  typeof Clients &
  Partial<typeof Extensions> &
  typeof Logins &
  typeof Operations &
  typeof Ours &
  typeof Startups &
  typeof Targets;

const needed = ['batch', 'client', 'logins', 'operations', 'ours', 'startup', 'target'];

/** @param folder of the checkout, with its packages installed */
export async function loadTree(folder: string): Promise<Tree> {
  const load = (name: string): Promise<object> =>
    import(pathToFileURL(join(folder, `bench/${name}.ts`)).href);
  const extensions = await load('extensions').catch(() => ({}));
  return Object.assign({}, extensions, ...(await Promise.all(needed.map(load))));
}

export const operationsOf = ({ operations, extensions = [] }: Tree) => [
  ...operations,
  ...extensions,
];

/** The server of a tree, with what the tree's operations need. @param folder for its files */
export async function startSide(tree: Tree, folder: string) {
  const ours = tree.createOurs(await mkdtemp(join(folder, 'side-')));
  const child = await ours.start();
  const fixture = await tree.provision(tree.createHttpClient(child.url), child.url, ours.admin);
  return { tree, child, target: await tree.createTarget(child, fixture) };
}

export type Side = Awaited<ReturnType<typeof startSide>>;
