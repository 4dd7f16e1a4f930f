import type { Violation } from '../../lib/problem.ts';
import { jsonOf } from '../forms/json.ts';

/** The client's public keys as somebody typed them: what no report can offer. */
export interface GivenKeys {
  jwks_uri: string;
  jwks: string;
  /** What was typed as a key set is no JSON. */
  error?: true;
  patch: Readonly<Record<string, unknown>>;
}

export function keysGiven(form: URLSearchParams): GivenKeys {
  const [jwks_uri, jwks] = ['jwks_uri', 'jwks'].map((name) => form.get(name)?.trim() ?? '') as [
    string,
    string,
  ];
  const typed = { jwks_uri, jwks };
  // One way of giving keys takes the place of the other.
  if (!jwks) return { ...typed, patch: jwks_uri ? { jwks_uri, jwks: null } : {} };
  const keys = jsonOf(jwks);
  if (keys === undefined) return { ...typed, error: true, patch: {} };
  return { ...typed, patch: { jwks_uri: jwks_uri || null, jwks: keys } };
}

/** Whether keys are what only a person can give. */
export const asksForKeys = (violations: readonly Violation[]): boolean =>
  violations.some(({ pointer, patch }) => !patch && /^\/jwks(_uri)?(\/|$)/.test(pointer));
