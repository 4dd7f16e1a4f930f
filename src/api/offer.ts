import { type Part, under } from '../lib/by-path.ts';
import { onDemand } from '../lib/on-demand.ts';
import type { ApiParts } from './api.ts';

/** Offers the REST API below `/api/v1`; it is loaded by the first who ask it. */
export function offerApi(
  parts: Omit<ApiParts, 'resetEmails'> & { resetEmails(): Promise<ApiParts['resetEmails']> },
): Part {
  const load = async () => {
    const [{ createApi }, resetEmails] = await Promise.all([
      import('./api.ts'),
      parts.resetEmails(),
    ]);
    return createApi({ ...parts, resetEmails });
  };
  return under(['/api/v1'], onDemand(load));
}
