import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CpuProfile } from './inspector.ts';

/** Microseconds by name. */
export type Times = Map<string, number>;

/** Where the main thread of a process spent its time, idling left out. */
export interface SelfTimes {
  groups: Times;
  /** By `group: function file:line`. */
  functions: Times;
  total: number;
}

const root = new URL('..', import.meta.url).pathname;

/** The first pattern that an address matches says what it belongs to. */
const groups: readonly (readonly [RegExp, string])[] = [
  [/node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/, '$1'],
  [/\/src\//, 'this project'],
  [/\/bench\//, 'bench'],
  [/^node:sqlite/, 'sqlite'],
  [/^node:(?:internal\/)?crypto/, 'node:crypto'],
  [/^node:(?:_http|http|internal\/http)/, 'node:http'],
  [/^node:(?:net|stream|internal\/streams|internal\/stream)/, 'node:net and streams'],
  [/^node:(?:url|querystring|internal\/url|internal\/querystring)/, 'node:url'],
  [/^node:/, 'node, the rest'],
];

function groupOf(url: string): string | undefined {
  for (const [pattern, name] of groups) {
    const match = pattern.exec(url);
    if (match) return name.replace('$1', match[1] ?? '');
  }
  return undefined;
}

const native = 'native (sockets, HTTP parser, libuv)';

/** What V8 calls time outside of any function. */
const special: ReadonlyMap<string, string> = new Map([
  ['(garbage collector)', 'gc'],
  ['(program)', native],
]);

const placeOf = (url: string, line: number): string => {
  if (!url.startsWith('file:')) return url && `${url}:${line + 1}`;
  const [, ofPackage] = /node_modules\/(?!.*node_modules\/)(.*)/.exec(url) ?? [];
  if (ofPackage) return `${ofPackage}:${line + 1}`;
  return `${relative(root, fileURLToPath(url))}:${line + 1}`;
};

/** Adds to what stands under a name. */
const add = (times: Times, name: string, time: number) =>
  times.set(name, (times.get(name) ?? 0) + time);

/** Sums a profile up by function and by what the functions belong to. */
export function selfTimes({ nodes, samples, timeDeltas }: CpuProfile): SelfTimes {
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((c) => [c, id])));
  const byId = new Map(nodes.map((node) => [node.id, node]));

  /** Native functions have no address: they belong to who calls them, those of the store to SQLite. */
  const groupOfNode = (id: number | undefined): string => {
    const node = id === undefined ? undefined : byId.get(id);
    if (!node) return native;
    const { functionName, url } = node.callFrame;
    const own = special.get(functionName) ?? groupOf(url);
    if (own) return own;
    const caller = byId.get(parents.get(node.id) ?? -1)?.callFrame.url ?? '';
    return /\/store\/sqlite/.test(caller) ? 'sqlite' : groupOfNode(parents.get(node.id));
  };

  const result: SelfTimes = { groups: new Map(), functions: new Map(), total: 0 };
  for (const [index, id] of samples.entries()) {
    const frame = byId.get(id)?.callFrame;
    if (!frame || frame.functionName === '(idle)') continue;
    // A sample stands for the time until the next one.
    const time = timeDeltas[index + 1] ?? 0;
    const group = groupOfNode(id);
    const place = placeOf(frame.url, frame.lineNumber);
    add(result.groups, group, time);
    add(result.functions, `${group}: ${frame.functionName || '(anonymous)'} ${place}`.trim(), time);
    result.total += time;
  }
  return result;
}
