import type { ApiParts } from './api.ts';
import { auditRoutes } from './audit.ts';
import { createAuthority } from './authority.ts';
import { clientRoutes } from './clients.ts';
import { crudRoutes } from './crud.ts';
import { dryRunRoutes } from './dry-run.ts';
import { grantRoutes } from './grants.ts';
import { historyRoutes } from './history.ts';
import { keyRoutes } from './keys.ts';
import { kinds } from './kinds.ts';
import { registrationRoutes } from './registration.ts';
import type { Route } from './route.ts';

/** Every route of the API. Fixed addresses come before those with a parameter in the same place. */
export function allRoutes(parts: ApiParts): Route[] {
  const { client, account, resource } = kinds(parts);
  return [
    ...dryRunRoutes(parts),
    ...crudRoutes(client),
    ...clientRoutes(parts, client),
    ...historyRoutes(parts, client),
    ...crudRoutes(account),
    ...grantRoutes(parts),
    ...crudRoutes(resource),
    ...registrationRoutes(parts.registration),
    ...keyRoutes(parts),
    ...auditRoutes(parts),
  ].map(createAuthority(parts));
}
