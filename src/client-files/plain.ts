import { type Alias, type Document, isAlias, isMap, isNode, isPair, isScalar, isSeq } from 'yaml';
import type { Flaw } from './flaw.ts';

/** Nodes with their aliases written out: more is a bomb, or far more clients than a file is for. */
const MAX_NODES = 1_000_000;
/** Levels; a client needs five. */
const MAX_DEPTH = 20;

/** Names that programs take for something else than a key. */
const RESERVED = new Set(['__proto__', 'constructor', 'prototype']);

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const startOf = (node: unknown): number => (isNode(node) ? (node.range?.[0] ?? 0) : 0);

/** A key as it is written: a client may be called 0123, `true` or `~`. Undefined when it is no text. */
const keyText = (key: unknown): string | undefined => {
  if (!isScalar(key)) return undefined;
  return typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
};

/** Stops the walk: what follows could take for ever. */
class Exhausted extends Error {}

/**
 * The document as plain values, mappings as objects. It walks the nodes itself, so that every finding
 * has its place, each key is looked at once, and aliases cost what they stand for.
 */
export function toPlain(doc: Document): { value: unknown; flaws: Flaw[] } {
  const flaws: Flaw[] = [];
  let nodes = 0;

  const add = (node: unknown, path: readonly string[], found: string, remedy: string) => {
    flaws.push({ path, offset: startOf(node), facts: { found, remedy } });
    return undefined;
  };

  const spend = (node: unknown, path: readonly string[]) => {
    nodes += 1;
    const [found, remedy] =
      nodes > MAX_NODES
        ? [`more than ${MAX_NODES} values, aliases (*) written out`, 'use fewer aliases']
        : path.length > MAX_DEPTH
          ? [`more than ${MAX_DEPTH} levels`, 'a client needs five at most']
          : [];
    if (!found || !remedy) return;
    add(node, path.slice(0, 3), found, remedy);
    throw new Exhausted();
  };

  function readAlias(alias: Alias, path: readonly string[], open: ReadonlySet<unknown>): unknown {
    const target = alias.resolve(doc);
    if (target && !open.has(target)) return read(target, path, open);
    return add(
      alias,
      path,
      target ? 'an alias (*) of what it stands in' : 'an alias (*) without an anchor (&) before it',
      'write the value out, or put text that begins with * in quotes',
    );
  }

  function readMap(items: readonly unknown[], path: readonly string[], open: ReadonlySet<unknown>) {
    const result = new Map<string, unknown>();
    for (const pair of items) {
      if (!isPair(pair)) continue;
      const key = keyText(pair.key);
      if (key === undefined) {
        add(pair.key, path, 'a key that is no text', 'write a name and a colon');
      } else if (RESERVED.has(key)) {
        add(pair.key, [...path, key], 'a key that is not allowed', 'choose another name');
      } else if (result.has(key)) {
        add(pair.key, [...path, key], 'the key a second time', 'remove one of the two');
      } else {
        result.set(key, read(pair.value, [...path, key], open));
      }
    }
    return Object.fromEntries(result);
  }

  function read(node: unknown, path: readonly string[], open: ReadonlySet<unknown>): unknown {
    spend(node, path);
    if (isAlias(node)) return readAlias(node, path, open);
    if (isNode(node) && node.tag !== undefined) {
      return add(
        node,
        path,
        'a tag (!)',
        'leave it out: text, numbers, lists and mappings need none',
      );
    }
    if (isScalar(node)) return node.value;
    const inside = new Set(open).add(node);
    if (isMap(node)) return readMap(node.items, path, inside);
    if (isSeq(node)) {
      return node.items.map((item, index) => read(item, [...path, String(index)], inside));
    }
    return null;
  }

  try {
    return { value: read(doc.contents, [], new Set()), flaws };
  } catch (error) {
    if (!(error instanceof Exhausted)) throw error;
    return { value: undefined, flaws };
  }
}

/** Where what a path names begins; where it is not there, what is nearest above it. */
export function offsetOf(doc: Document, path: readonly string[]): number {
  let node: unknown = doc.contents;
  let offset = startOf(node);
  for (const name of path) {
    const target = isAlias(node) ? node.resolve(doc) : node;
    if (isMap(target)) {
      const pair = target.items.find((item) => keyText(item.key) === name);
      if (!pair) return offset;
      offset = startOf(pair.key);
      node = pair.value;
    } else if (isSeq(target) && target.items[Number(name)] !== undefined) {
      node = target.items[Number(name)];
      offset = startOf(node);
    } else {
      return offset;
    }
  }
  return offset;
}
