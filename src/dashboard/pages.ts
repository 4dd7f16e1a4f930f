import { accessPages } from './access/pages.ts';
import { accountPages } from './accounts/pages.ts';
import { auditPages } from './audit/pages.ts';
import { clientPages } from './client/pages.ts';
import { clientListPages } from './clients/list/pages.ts';
import { compliancePages } from './compliance/pages.ts';
import { failurePages } from './failures/pages.ts';
import { keyPages } from './keys/pages.ts';
import { overviewPages } from './overview/pages.ts';
import type { Page } from './page.ts';
import { registrationPages } from './registration/pages.ts';
import { resourcePages } from './resources/pages.ts';
import { settingsPages } from './settings/pages.ts';
import { tryPages } from './try/pages.ts';
import { wizardPages } from './wizard/pages.ts';

/** Every page; each topic brings its own. */
export const allPages = (): readonly Page[] => [
  ...accountPages,
  ...accessPages,
  ...keyPages,
  ...registrationPages,
  ...resourcePages,
  ...settingsPages,
  ...auditPages,
  ...compliancePages,
  ...failurePages,
  ...overviewPages,
  ...wizardPages,
  ...clientListPages,
  ...clientPages,
  ...tryPages,
];
