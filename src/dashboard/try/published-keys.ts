import type { JSONWebKeySet } from 'jose';
import type { Workbench } from './workbench.ts';

/** The keys that anybody verifies this server's tokens with. */
export async function publishedKeys({
  base,
  send,
}: Pick<Workbench, 'base' | 'send'>): Promise<JSONWebKeySet> {
  return JSON.parse((await send({ path: `${base}/jwks` })).text);
}
