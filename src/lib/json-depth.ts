/** Levels of a request. No document of ours has more than a quarter of them. */
export const DEPTH_LIMIT = 64;

/**
 * Whether the brackets of a JSON text nest deeper than `limit`. Looked at before it is parsed: what
 * walks a document calls itself once for each level, and the stack ends long before 384 KiB do.
 */
export function nestsDeeper(text: string, limit: number): boolean {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text[at];
    if (quoted && unit === '\\') at += 1;
    else if (unit === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (unit === '{' || unit === '[') {
      depth += 1;
      if (depth > limit) return true;
    } else if (unit === '}' || unit === ']') depth -= 1;
  }
  return false;
}
