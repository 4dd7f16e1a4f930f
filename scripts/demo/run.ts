import { createProof, Mismatch, type Proof } from './proof.ts';

/** One step of a walk: it leaves in the context what later steps build on. */
export interface Step<Context> {
  name: string;
  run(context: Context, proof: Proof): Promise<void>;
}

export interface Outcome {
  name: string;
  state: 'passed' | 'failed' | 'not run';
  /** What was proved, up to the failure if there was one. */
  facts: readonly string[];
  milliseconds: number;
  /** Why it failed, in lines. */
  failure?: string[];
}

/** Is told of each step as it happens. */
export interface Report {
  began(name: string): void;
  ended(outcome: Outcome): void;
  /** Once, after the last step. */
  finished(outcomes: readonly Outcome[]): void;
}

const show = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));

function explain(error: unknown): string[] {
  if (error instanceof Mismatch) {
    return [error.message, `expected: ${show(error.expected)}`, `came: ${show(error.actual)}`];
  }
  const { message, error: code, error_description, cause } = error as Record<string, unknown>;
  const answer = [code, error_description].filter(Boolean).join(': ');
  return [
    ...String(message ?? error)
      .split('\n')
      .map((line) => line.trim()),
    ...(answer ? [`the server said: ${answer}`] : []),
    ...(cause instanceof Error ? [`because: ${cause.message}`] : []),
  ];
}

/**
 * Runs the steps in order. The first that fails ends the walk; the rest are reported as not run.
 * @returns one outcome a step
 */
export async function runSteps<Context>(
  steps: readonly Step<Context>[],
  context: Context,
  report: Report,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let failed = false;
  for (const { name, run } of steps) {
    const proof = createProof();
    let outcome: Outcome = { name, state: 'not run', facts: proof.facts, milliseconds: 0 };
    if (!failed) {
      report.began(name);
      const start = performance.now();
      try {
        await run(context, proof);
        outcome = { ...outcome, state: 'passed' };
      } catch (error) {
        failed = true;
        outcome = { ...outcome, state: 'failed', failure: explain(error) };
      }
      outcome.milliseconds = Math.round(performance.now() - start);
    }
    outcomes.push(outcome);
    report.ended(outcome);
  }
  report.finished(outcomes);
  return outcomes;
}
