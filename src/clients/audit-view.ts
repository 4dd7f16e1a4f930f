import type { Client } from './client.ts';

/** A client as events tell of it: its metadata and which secrets it has, not even how they begin. */
export const auditView = ({ metadata, secrets, origin, registration }: Client) => ({
  ...metadata,
  secrets: Object.fromEntries(
    secrets.map(({ id, name, expires }) => [
      id,
      { ...(name && { name }), ...(expires && { expires }) },
    ]),
  ),
  origin,
  ...(registration?.quarantined && { quarantined: registration.quarantined }),
});
