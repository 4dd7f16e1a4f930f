/** Tells how modules and plans end, on the terminal and in files of the results folder. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plan } from '../plans/plan.ts';
import { hasFailed, type Outcome, type Verdict } from './run-module.ts';
import type { Module } from './suite.ts';

const nameOf = ({ testModule, variant }: Module): string =>
  [testModule, ...Object.entries(variant ?? {}).map(([name, value]) => `${name}=${value}`)].join(
    ' ',
  );

/** Each problem once, however often the module met it. */
const linesOf = ({ problems, notes }: Outcome): Set<string> =>
  new Set([
    ...problems.map(({ level, source, message, requirements }) => {
      const what = message.replace(/\s+/g, ' ').slice(0, 400);
      return [level, `${source}: ${what}`, ...requirements].join(' ');
    }),
    ...notes,
  ]);

/** In the order in which they are told; FAILED stands for INTERRUPTED too. */
const columns: Readonly<Record<string, (verdict: Verdict) => boolean>> = {
  passed: (verdict) => verdict === 'PASSED',
  failed: hasFailed,
  warning: (verdict) => verdict === 'WARNING',
  skipped: (verdict) => verdict === 'SKIPPED',
  review: (verdict) => verdict === 'REVIEW',
};

/** @param folder for a plan's `NAME.json`, and for the suite's logs of modules that failed */
export function createReport(folder: string) {
  mkdirSync(folder, { recursive: true });
  const write = (file: string, content: object) =>
    writeFileSync(join(folder, file), JSON.stringify(content, null, 1));
  const summary: string[] = [];
  let failures = 0;
  let modules = 0;

  const conclude = (plan: Plan, line: string) => {
    summary.push(`${plan.name}: ${line}`);
    console.log(line);
  };

  return {
    planBegins(plan: Plan, id: string, modules: number) {
      console.log(`\n${plan.name}: ${modules} modules of ${plan.plan}, ${id} in the suite`);
    },

    moduleEnded(plan: Plan, outcome: Outcome) {
      const { verdict, module, seconds, id, log } = outcome;
      console.log(`${verdict.padEnd(11)} ${nameOf(module)} (${seconds} s)`);
      if (verdict !== 'PASSED') for (const line of linesOf(outcome)) console.log(`    ${line}`);
      if (log) write(`${plan.name}--${module.testModule}-${id}.log.json`, log);
    },

    planEnded(plan: Plan, outcomes: readonly Outcome[]) {
      const verdicts = outcomes.map(({ verdict }) => verdict);
      const counts = Object.entries(columns).map(
        ([name, counted]) => [name, verdicts.filter(counted).length] as const,
      );
      failures += verdicts.filter(hasFailed).length;
      modules += verdicts.length;
      write(`${plan.name}.json`, {
        name: plan.name,
        plan: plan.plan,
        variant: plan.variant,
        ...Object.fromEntries(counts),
        modules: outcomes.map(({ log, ...outcome }) => outcome),
      });
      const told = counts.map(([name, count]) => `${count} ${name}`);
      conclude(plan, `${outcomes.length} modules: ${told.join(', ')}`);
    },

    /** A plan that did not come to its end. */
    planFailed(plan: Plan, error: Error) {
      failures += 1;
      conclude(plan, error.message);
    },

    /** One line a plan. @returns whether something ran and nothing failed */
    end(): boolean {
      if (summary.length > 1) console.log(`\n${summary.join('\n')}`);
      if (modules === 0) console.log('no module ran: is --modules the name of one?');
      return modules > 0 && failures === 0;
    },
  };
}

export type Report = ReturnType<typeof createReport>;
