import { DEPTH_LIMIT, nestsDeeper } from '../../lib/json-depth.ts';

/** JSON that somebody typed; undefined when it is none, or nests deeper than any document does. */
export function jsonOf(text: string): unknown {
  if (nestsDeeper(text, DEPTH_LIMIT)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
