import type { Client, Registration } from '../clients/client.ts';
import { registrable } from '../clients/metadata.ts';
import { secretExpiry } from '../clients/secrets.ts';
import type { Entry } from '../store/store.ts';

/** What a registered client keeps of the software statement that it came with. */
export interface KeptStatement {
  /** As it was presented. */
  jwt: string;
  claims: Record<string, unknown>;
}

export const statementOf = ({ statement }: Registration): KeptStatement | undefined =>
  statement as KeptStatement | undefined;

/** When its newest secret stops working, with the client itself at the latest; 0: never. */
function expiry({ secrets, registration }: Client): number {
  const times = [secretExpiry(secrets), registration?.expires ?? 0].filter(Boolean);
  return times.length > 0 ? Math.min(...times) : 0;
}

/**
 * The client information response (RFC 7591, section 3.2.1; RFC 7592, section 3): what is registered,
 * defaults included, and nothing that only administrators decide.
 * @param secret when one was made just now; it cannot be told later
 * @param token the registration access token
 */
export function informationOf(
  issuer: string,
  { id, value }: Entry<Client>,
  token: string,
  secret?: string,
): Record<string, unknown> {
  const statement = value.registration && statementOf(value.registration);
  return {
    ...Object.fromEntries(Object.entries(value.metadata).filter(([name]) => registrable.has(name))),
    ...(statement && { software_statement: statement.jwt }),
    client_id: id,
    client_id_issued_at: value.created,
    ...(secret !== undefined && { client_secret: secret }),
    ...(value.secrets.length > 0 && { client_secret_expires_at: expiry(value) }),
    registration_access_token: token,
    registration_client_uri: `${issuer}/register/${encodeURIComponent(id)}`,
  };
}
