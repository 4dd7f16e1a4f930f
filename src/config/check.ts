import type { z } from 'zod';
import type { Setting } from './layer.ts';
import { type Mistake, show } from './mistakes.ts';
import { describe, type Option } from './options.ts';

/** The outcome for one option: a value in force, or mistakes. */
export interface Checked {
  value: unknown;
  mistakes: Mistake[];
}

const partOf = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce((part: unknown, key) => {
    const known = typeof part === 'object' && part !== null && Object.hasOwn(part, key);
    return known ? (part as Record<PropertyKey, unknown>)[key] : undefined;
  }, value);

/** Checks what the layers say of one option; each option by itself, so that none hides another. */
export function checkOption(option: Option, setting: Setting | undefined): Checked {
  if (!setting) return { value: option.fallback, mistakes: [] };
  // Empty words for what the schema has none of its own: `describe` finds better ones than zod.
  const result = option.schema.safeParse(setting.value, { error: () => '' });
  if (result.success) return { value: result.data, mistakes: [] };
  const places = Map.groupBy(result.error.issues, ({ path }) => path.join('\n'));
  const issues = [...places.values()].flatMap((same) => same.slice(0, 1));
  return { value: undefined, mistakes: issues.map((issue) => toMistake(setting, issue)) };
}

function toMistake(setting: Setting, issue: z.core.$ZodIssue): Mistake {
  const { option, value, source } = setting;
  return {
    path: [option.name, ...issue.path.map(String)].join('.'),
    source: source(issue.path),
    found: show(partOf(value, issue.path), option.meta.secret),
    expected: issue.message || describe(option),
    remedy: remedy(setting, issue),
  };
}

function remedy({ option, undo, value }: Setting, issue: z.core.$ZodIssue): string {
  const { meta, fallback } = option;
  if (meta.remedy) return meta.remedy;
  const textWanted = issue.code === 'invalid_type' && issue.expected === 'string';
  if (textWanted && typeof value !== 'object') return 'put the value in quotes';
  const simple = typeof fallback !== 'object' && fallback !== undefined;
  return `correct it, or ${undo}${simple ? ` (the default is ${fallback})` : ''}`;
}
