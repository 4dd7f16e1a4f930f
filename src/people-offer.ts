import { type Part, under } from './lib/by-path.ts';
import { lazy } from './lib/lazy.ts';
import { onDemand } from './lib/on-demand.ts';
import type { Notify } from './oidc/ciba.ts';
import { createPendingApprovals, listing } from './oidc/pending-approvals.ts';
import type { People, PeopleParts } from './people.ts';
import { createMailNotifier } from './web/approval-mail.ts';

/** How people learn of back-channel requests (CIBA): by e-mail, and in the list of their account. */
export const createNotifier = (
  parts: Parameters<typeof createMailNotifier>[0] & Pick<PeopleParts, 'store' | 'vault'>,
): Notify => listing(createPendingApprovals(parts.store, parts.vault), createMailNotifier(parts));

/** How the paths of these pages begin, and of what they are made of. */
const paths = ['/interaction/', '/account/', '/device/qr'];

export interface OfferedPeople {
  pages: Part;
  resetEmails(): Promise<People['resetEmails']>;
}

/** Offers the pages that people meet; they are loaded by the first who comes. */
export function offerPeople(parts: PeopleParts): OfferedPeople {
  const people = lazy(async () => (await import('./people.ts')).createPeople(parts));
  return {
    pages: under(
      paths,
      onDemand(async () => (await people()).routes),
    ),
    resetEmails: async () => (await people()).resetEmails,
  };
}
