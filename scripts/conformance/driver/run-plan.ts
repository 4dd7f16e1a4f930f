/** A plan: made in the suite, its modules run, and removed again when nothing failed. */
import { matchesGlob } from 'node:path';
import type { Hooks } from '../family.ts';
import type { Deployment, Plan } from '../plans/plan.ts';
import { browserScripts } from './browser.ts';
import type { Report } from './report.ts';
import { hasFailed, type Outcome, runModule } from './run-module.ts';
import type { Module } from './suite.ts';

export interface PlanRun {
  deployment: Deployment;
  plan: Plan;
  hooks: Hooks;
  report: Report;
  /** Of the modules; all when absent. */
  modules?: string | undefined;
  /** Modules at a time, for the plans that allow more than one. */
  parallel?: number | undefined;
}

/** Seconds that a module may take. */
const LIMIT = 150;

/** What the suite is told of a plan; scripts of modules that a plan has not are no matter to it. */
export function configurationOf(plan: Plan, deployment: Deployment): object {
  const { browser, special } = browserScripts(deployment);
  const scripts = Object.entries(special).map(([module, script]) => [module, { browser: script }]);
  return {
    description: plan.name,
    // Without an alias the suite makes addresses for each module: then several may run at a time.
    ...(plan.registered && { alias: deployment.alias }),
    options: { browsercontrol_css_enable: false },
    server: {
      discoveryUrl: `${deployment.addresses.issuer}/.well-known/openid-configuration`,
    },
    ...plan.config(deployment),
    browser,
    override: Object.fromEntries(scripts),
  };
}

export async function runPlan(run: PlanRun): Promise<void> {
  const { deployment, plan, hooks, report, modules: glob = '*' } = run;
  const { suite } = deployment;
  const configuration = configurationOf(plan, deployment);
  const made = await suite.createPlan(plan.plan, plan.variant, configuration);
  const wanted = made.modules.filter(({ testModule }) => matchesGlob(testModule, glob));
  const parallel = plan.parallel > 1 ? (run.parallel ?? plan.parallel) : 1;
  report.planBegins(plan, made.id, wanted.length);

  const outcomes: Outcome[] = [];
  const runAll = async (queue: Module[]) => {
    for (let module = queue.shift(); module; module = queue.shift()) {
      const limit = plan.timeout ?? LIMIT;
      const hook = hooks[module.testModule];
      const outcome = await runModule({ suite, plan: made.id, module, limit, hook });
      outcomes.push(outcome);
      report.moduleEnded(plan, outcome);
    }
  };
  // A hook changes the server under the others: its modules run in the end and alone.
  const isHooked = ({ testModule }: Module) => Object.hasOwn(hooks, testModule);
  const queue = wanted.filter((module) => !isHooked(module));
  await Promise.all(Array.from({ length: parallel }, () => runAll(queue)));
  await runAll(wanted.filter(isHooked));

  report.planEnded(plan, outcomes);
  // What failed stays, so that its pages can be looked at in the suite.
  if (!outcomes.some(({ verdict }) => hasFailed(verdict))) await suite.deletePlan(made.id);
}
