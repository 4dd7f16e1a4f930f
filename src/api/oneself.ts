import { Problem } from '../lib/problem.ts';
import type { Call, Route } from './route.ts';

/** Whether the account that is written would no longer manage accounts. */
function isGivenUp(method: Route['method'], body: unknown): boolean {
  if (method === 'delete') return true;
  const { disabled, roles } = (body ?? {}) as { disabled?: unknown; roles?: unknown };
  // What a patch leaves out stays (RFC 7396), what a replacement leaves out is gone.
  const kept = roles === undefined ? method === 'patch' : [roles].flat().includes('owner');
  return disabled === true || !kept;
}

/**
 * Nobody takes away their own account or their own part in managing accounts: so one owner is always
 * left, without anybody counting them. Another owner can do it, and a program.
 */
export function sparingOneself(route: Route): Route {
  if (route.path !== '/accounts/{id}' || route.method === 'get') return route;
  return {
    ...route,
    async handle(call: Call) {
      const { caller, params, body } = call;
      if (caller.accountId === params.id && isGivenUp(route.method, body)) {
        throw new Problem(
          'conflict',
          'Owners neither disable nor delete themselves, nor take that role from themselves; another owner can.',
        );
      }
      return route.handle(call);
    },
  };
}
