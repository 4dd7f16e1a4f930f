/** Every plan of the suite that this server is measured by. */
import { matchesGlob } from 'node:path';
import { connectPlans } from './plans/connect.ts';
import { fapiPlans } from './plans/fapi.ts';
import type { Plan } from './plans/plan.ts';

export const plans: readonly Plan[] = [...connectPlans, ...fapiPlans];

/**
 * The plans that any of the globs matches; all of them when there is no glob.
 * @throws of a glob that matches none
 */
export function select(globs: readonly string[]): readonly Plan[] {
  const unknown = globs.find((glob) => !plans.some(({ name }) => matchesGlob(name, glob)));
  if (unknown !== undefined) {
    throw new Error(`no plan is ${unknown}: docs/conformance.md lists them, such as basic-static`);
  }
  const isWanted = ({ name }: Plan) => globs.some((glob) => matchesGlob(name, glob));
  return globs.length === 0 ? plans : plans.filter(isWanted);
}
