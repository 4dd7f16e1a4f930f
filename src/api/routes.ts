import type { ApiParts } from './api.ts';
import { attentionRoutes } from './attention.ts';
import { auditRoutes } from './audit.ts';
import { createAuthority } from './authority.ts';
import { clientRoutes } from './clients.ts';
import { complianceRoutes } from './compliance.ts';
import { crudRoutes } from './crud.ts';
import { dryRunRoutes } from './dry-run.ts';
import { failureRoutes } from './failures.ts';
import { grantRoutes } from './grants.ts';
import { historyRoutes } from './history.ts';
import { keyRoutes } from './keys.ts';
import { kinds } from './kinds.ts';
import { createLogos, logoRoutes } from './logo.ts';
import { sparingOneself } from './oneself.ts';
import { registrationRoutes } from './registration.ts';
import { resetEmailRoutes } from './reset-email.ts';
import type { Route } from './route.ts';
import { sessionRoutes } from './sessions.ts';
import { settingsRoutes } from './settings.ts';
import { statisticsRoutes } from './statistics.ts';

/** Every route of the API. Fixed addresses come before those with a parameter in the same place. */
export function allRoutes(parts: ApiParts): Route[] {
  const logoAt = createLogos(parts.config);
  const { client, account, resource } = kinds(parts);
  return [
    ...dryRunRoutes(parts),
    ...crudRoutes(client),
    ...clientRoutes(parts, client),
    ...logoRoutes({ ...parts, logoAt }),
    ...complianceRoutes(parts),
    ...attentionRoutes(parts),
    ...historyRoutes(parts, client),
    ...crudRoutes(account),
    ...resetEmailRoutes(parts),
    ...sessionRoutes(parts),
    ...grantRoutes(parts),
    ...crudRoutes(resource),
    ...registrationRoutes(parts.registration),
    ...keyRoutes(parts),
    ...auditRoutes(parts),
    ...settingsRoutes(parts),
    ...statisticsRoutes(parts),
    ...failureRoutes(parts),
  ]
    .map(sparingOneself)
    .map(createAuthority(parts));
}
