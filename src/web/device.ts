import type { Resources } from '../clients/resources.ts';
import { groupsOf, mappedIPv4, networkOf } from '../lib/ip.ts';
import type { Requested } from '../oidc/consent.ts';
import type { DevicePages, DeviceProblem } from '../oidc/device.ts';
import type { ScopeModel } from './consent-models.ts';
import { namesOf } from './device-agent.ts';
import type { PageWriter } from './pages.ts';

/** What HTTP says of a code that was not taken; of the others it is 422. */
const statuses: Partial<Record<DeviceProblem, number>> = {
  form_expired: 403,
  too_many_attempts: 429,
};

/** An IPv4 address in its own notation, however it arrived. */
const shownAddress = (ip: string): string => {
  const groups = groupsOf(ip);
  return (groups && mappedIPv4(groups)) ?? ip;
};

/** The pages of the device flow, in our theme. */
export function devicePages(pages: PageWriter, resources: Resources): Omit<DevicePages, 'error'> {
  const scopeModel = async ({ resource, scope }: Requested): Promise<ScopeModel> => {
    if (resource === undefined) return { name: scope };
    const found = await resources.find(resource);
    const described = found?.scopes.find(({ name }) => name === scope)?.description;
    return { name: scope, title: described ?? scope };
  };

  return {
    async enterCode(ctx, { problem, retryAfter, ...form }) {
      if (problem) ctx.status = statuses[problem] ?? 422;
      if (retryAfter !== undefined) ctx.set('Retry-After', String(retryAfter));
      await pages.write(ctx, 'device', undefined, { ...form, error: problem, retryAfter });
    },
    async confirmCode(ctx, { clientId, scopes, origin, userCode = '', ...form }) {
      const device = {
        ip: shownAddress(origin.ip),
        near: networkOf(origin.ip) === networkOf(ctx.ip),
        ...namesOf(origin.agent),
      };
      await pages.write(ctx, 'device-confirm', clientId, {
        ...form,
        userCode,
        scopes: await Promise.all(scopes.map(scopeModel)),
        device,
      });
    },
    codeTaken: (ctx) => pages.write(ctx, 'device-done', ctx.oidc.client?.clientId, {}),
    async codeDeclined(ctx, clientId) {
      ctx.status = 200;
      await pages.write(ctx, 'device-declined', clientId, {});
    },
  };
}
