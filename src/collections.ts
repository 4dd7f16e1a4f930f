import { accountsCollection } from './accounts/accounts.ts';
import { consentsCollection } from './accounts/consents.ts';
import { signUpsCollection } from './accounts/sign-ups.ts';
import { ticketsCollection } from './accounts/tickets.ts';
import { auditCollection } from './audit/audit.ts';
import { clientsCollection } from './clients/client.ts';
import { resourcesCollection } from './clients/resources.ts';
import { usageCollection } from './clients/usage.ts';
import { dashboardAnswersCollection } from './dashboard/answers.ts';
import { dashboardSessionsCollection } from './dashboard/sessions.ts';
import { triesCollection } from './dashboard/try/try.ts';
import { artifactCollections } from './oidc/artifacts.ts';
import { failuresCollection } from './oidc/failures/failures.ts';
import { keysCollection } from './oidc/keys.ts';
import { pendingApprovalsCollection } from './oidc/pending-approvals.ts';
import { statisticsCollection } from './oidc/statistics.ts';
import { tokensCollection } from './registration/initial-access-tokens.ts';
import { policiesCollection } from './registration/policies.ts';
import { quotasCollection } from './registration/quotas.ts';
import { limitsCollection } from './store/limit.ts';
import { marksCollection } from './store/marks.ts';
import type { CollectionSpec } from './store/store.ts';

/** Everything that the server keeps. A store is opened with these. */
export const collections: readonly CollectionSpec[] = [
  accountsCollection,
  consentsCollection,
  ticketsCollection,
  signUpsCollection,
  auditCollection,
  clientsCollection,
  usageCollection,
  statisticsCollection,
  failuresCollection,
  policiesCollection,
  tokensCollection,
  quotasCollection,
  resourcesCollection,
  keysCollection,
  dashboardSessionsCollection,
  dashboardAnswersCollection,
  triesCollection,
  marksCollection,
  limitsCollection,
  pendingApprovalsCollection,
  ...artifactCollections,
];
