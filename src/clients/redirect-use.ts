import type { Client } from './client.ts';
import type { ClientUsage } from './usage.ts';

const native = ({ hostname, protocol }: URL) =>
  protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(hostname);

/** Programs listen at any port of loopback (RFC 8252, section 7.3). */
function withoutPort(value: string): string | undefined {
  const url = URL.parse(value);
  if (!url || !native(url)) return undefined;
  url.port = '';
  return url.href;
}

/**
 * The registered redirect URI that one which was sent stands for, so that a program that listens at
 * another port each time has used one address and not a hundred; undefined when none does.
 */
export function registeredFor(registered: readonly string[], sent: string): string | undefined {
  if (registered.includes(sent)) return sent;
  const bare = withoutPort(sent);
  return bare && registered.find((value) => withoutPort(value) === bare);
}

/**
 * Redirect URIs that nobody was sent back to since `since` (seconds since the epoch). When one was
 * registered is not kept: one that was never used counts from the client's last change.
 */
export const unusedRedirectUris = (
  { metadata, updated }: Client,
  usage: ClientUsage,
  since: number,
): string[] =>
  [metadata.redirect_uris ?? []]
    .flat()
    .filter((uri) => (usage.redirect_uris?.[uri] ?? updated) < since);
