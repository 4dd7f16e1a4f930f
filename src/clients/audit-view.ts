import type { Client } from './client.ts';

/** A client as events tell of it: its metadata and which secrets it has, none of their values. */
export const auditView = ({ metadata, secrets, origin, registration }: Client) => ({
  ...metadata,
  secrets: Object.fromEntries(
    secrets.map(({ id, name, prefix, expires }) => [
      id,
      { prefix, ...(name && { name }), ...(expires && { expires }) },
    ]),
  ),
  origin,
  ...(registration?.quarantined && { quarantined: registration.quarantined }),
});
