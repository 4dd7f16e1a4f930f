import { type Document, isAlias, isMap, isNode, isScalar, type Pair, type YAMLMap } from 'yaml';
import type { Setting } from './layer.ts';
import { kindOf, type Mistake } from './mistakes.ts';
import { nearest } from './nearest.ts';
import { isSection, listOptions, type Option, type Section } from './options.ts';

const startOf = (node: unknown): number => (isNode(node) ? (node.range?.[0] ?? 0) : 0);

/**
 * Turns the keys of a YAML document into settings. It walks the nodes, not their JavaScript copy:
 * so every finding has its line, and a key such as `__proto__` is only ever a string to look up.
 * @param at the place of an offset, in words
 */
export function readKeys(
  doc: Document,
  contents: YAMLMap,
  options: Section,
  at: (offset: number) => string,
) {
  const settings = new Map<string, Setting>();
  const mistakes: Mistake[] = [];

  const readPair = (pair: Pair, section: Section) => {
    const key = isScalar(pair.key) ? String(pair.key.value) : '?';
    const path = [...section.path, key].join('.');
    const entry = section.entries.get(key);
    const node = isAlias(pair.value) ? pair.value.resolve(doc) : pair.value;
    const source = at(startOf(pair.key));
    if (!entry) {
      mistakes.push({ path, source, ...unknownKey(key, section, options) });
    } else if (node === null || (isScalar(node) && node.value === null)) {
      // A key without a value is absent, like an empty environment variable.
    } else if (node === undefined) {
      mistakes.push({ path, source, ...badAlias });
    } else if (isSection(entry)) {
      if (isMap(node)) for (const item of node.items) readPair(item, entry);
      else mistakes.push({ path, source, ...notSection(node, doc, entry) });
    } else {
      const value = copy(node, doc);
      if (value) settings.set(path, setting(entry, value.js, pair));
      else mistakes.push({ path, source, ...badAlias });
    }
  };

  const setting = (option: Option, value: unknown, pair: Pair): Setting => ({
    option,
    value,
    undo: 'remove it',
    source(below = []) {
      const part = below.length > 0 && doc.getIn([...option.path, ...below], true);
      return at(startOf(isNode(part) ? part : pair.key));
    },
  });

  for (const pair of contents.items) readPair(pair, options);
  return { settings, mistakes };
}

/** Undefined where an alias has no anchor, or where aliases multiply without measure. */
function copy(node: unknown, doc: Document): { js: unknown } | undefined {
  try {
    return { js: isNode(node) ? node.toJS(doc) : node };
  } catch (error) {
    if (error instanceof ReferenceError) return undefined;
    throw error;
  }
}

type Finding = Omit<Mistake, 'path' | 'source'>;

const badAlias: Finding = {
  found: 'an alias (*) that cannot be resolved',
  expected: 'a value',
  remedy: 'put text that begins with * in quotes, or define the anchor (&) above',
};

const notSection = (node: unknown, doc: Document, section: Section): Finding => ({
  found: kindOf(copy(node, doc)?.js),
  expected: `a mapping with ${[...section.entries.keys()].join(', ')}`,
  remedy: 'indent the options of this section below its name',
});

/** The neighbours come first, then the same name in another section. */
function unknownKey(key: string, section: Section, options: Section): Finding {
  const neighbours = [...section.entries.keys()];
  const meant = nearest(key, [
    ...neighbours.map((name) => [...section.path, name].join('.')),
    ...listOptions(options).map(({ name }) => name),
  ]);
  return {
    found: 'a key that does not exist',
    expected: `one of ${neighbours.join(', ')}`,
    remedy: meant ? `did you mean ${meant}?` : 'remove it; config/default.yaml shows every option',
  };
}
