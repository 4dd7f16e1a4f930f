import { isDeepStrictEqual } from 'node:util';

/** What a step claimed, and what came instead. */
export class Mismatch extends Error {
  readonly code = 'mismatch';
  readonly fact: string;
  readonly expected: unknown;
  readonly actual: unknown;

  constructor(fact: string, expected: unknown, actual: unknown) {
    super(`not so: ${fact}`);
    this.fact = fact;
    this.expected = expected;
    this.actual = actual;
  }
}

/** Collects what was proved: a fact is written down only after its check has passed. */
export interface Proof {
  readonly facts: readonly string[];
  /** @throws {Mismatch} unless both are deeply equal */
  equal(fact: string, actual: unknown, expected: unknown): void;
  /** @param actual what to show when it does not hold @throws {Mismatch} */
  holds(fact: string, condition: boolean, actual?: unknown): void;
  /** The call must fail with this OAuth error code. @throws {Mismatch} */
  refused(fact: string, call: Promise<unknown>, code: string): Promise<void>;
}

/** The OAuth error code of what `openid-client` throws, or the error in its own words. */
export function codeOf(thrown: unknown): string {
  const { error, cause } = thrown as { error?: unknown; cause?: unknown };
  // A WWW-Authenticate header says it in its first challenge.
  const challenged = Array.isArray(cause) ? cause[0]?.parameters?.error : undefined;
  return String(error ?? challenged ?? thrown);
}

export function createProof(): Proof {
  const facts: string[] = [];
  const equal: Proof['equal'] = (fact, actual, expected) => {
    if (!isDeepStrictEqual(actual, expected)) throw new Mismatch(fact, expected, actual);
    facts.push(fact);
  };
  return {
    facts,
    equal,
    holds(fact, condition, actual = condition) {
      if (!condition) throw new Mismatch(fact, 'that it holds', actual);
      facts.push(fact);
    },
    async refused(fact, call, code) {
      const outcome = await call.then(() => 'accepted', codeOf);
      equal(fact, outcome, code);
    },
  };
}
