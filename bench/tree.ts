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
import { startPlain } from './plain-child.ts';
import type * as Startups from './startup.ts';
import type * as Targets from './target.ts';

/** What a comparison needs of it; early ones have no extensions. */
export type Tree = { folder: string } & typeof Batches &
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
  return Object.assign({ folder }, extensions, ...(await Promise.all(needed.map(load))));
}

export const operationsOf = ({ operations, extensions = [] }: Tree) => [
  ...operations,
  ...extensions,
];

/** Both servers of a tree, ours and the plain one. @param own for their files */
export async function startSide(tree: Tree, own: string) {
  const folder = await mkdtemp(join(own, 'side-'));
  const ours = tree.createOurs(folder);
  const child = await ours.start();
  const fixture = await tree.provision(tree.createHttpClient(child.url), child.url, ours.admin);
  const plain = await startPlain(join(tree.folder, 'bench'), folder, fixture);
  return {
    tree,
    ours: await tree.createTarget(child, fixture),
    plain: await tree.createTarget(plain, fixture),
    stop: () => Promise.all([child.stop(), plain.stop()]),
  };
}

export type Side = Awaited<ReturnType<typeof startSide>>;
