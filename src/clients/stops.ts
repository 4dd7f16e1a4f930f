/** What of a client is there, perhaps in use, and would end by a change. */
import { type Said, wordings } from '../lib/wording.ts';
import type { Client } from './client.ts';
import type { ClientMetadata } from './metadata.ts';
import { filled } from './property-violations.ts';
import { isValid, keptSecrets } from './secrets.ts';
import type { ClientUsage, Usage } from './usage.ts';

/** Something in use that the change would end. */
export interface Stop {
  kind: 'redirect_uri' | 'grant_type' | 'secret' | 'refresh_tokens' | 'client';
  value: string;
  detail: string;
  /** Of the sentence, where it has some. */
  values?: Readonly<Record<string, string>>;
  /** Seconds since the epoch. */
  last_used?: number;
}

/** By kind. */
export const stopWordings = wordings({
  redirect_uri: { detail: 'people could no longer be sent back there' },
  grant_type: { detail: 'requests for tokens by it would be refused' },
  secret: { detail: 'the secret {name} would be deleted' },
  client: { detail: 'every request of the client would be refused' },
  refresh_tokens: { detail: 'living refresh tokens would be of no use' },
});

export interface StopParts {
  usage: Usage;
  /** How many refresh tokens of a client are alive; no more than a thousand are counted. */
  countRefreshTokens(clientId: string): Promise<number>;
}

/** What was stored by an earlier version may be no list. */
const gone = (before: readonly string[], after: readonly string[]) =>
  Array.isArray(before) && Array.isArray(after)
    ? before.filter((value) => !after.includes(value))
    : [];

/** The kind of a stop is its case. */
const said = ({ detail, values }: Said) => ({ detail, ...(values && { values }) });

const refreshes = ({ disabled, grant_types }: ClientMetadata) =>
  !disabled && grant_types.includes('refresh_token');

/** What of a client would stop by becoming `after`. */
export async function stopsOf(
  parts: StopParts,
  clientId: string,
  { metadata: stored, secrets }: Client,
  after: ClientMetadata,
): Promise<Stop[]> {
  const used: ClientUsage = await parts.usage.get(clientId);
  const metadata = filled(stored);
  const last = (at: number | undefined) => (at ? { last_used: at } : {});
  const stops: Stop[] = [
    ...gone(metadata.redirect_uris, after.redirect_uris).map((value) => ({
      kind: 'redirect_uri' as const,
      value,
      detail: 'people could no longer be sent back there',
      ...last(used.redirect_uris?.[value]),
    })),
    ...gone(metadata.grant_types, after.grant_types).map((value) => ({
      kind: 'grant_type' as const,
      value,
      detail: 'requests for tokens by it would be refused',
      ...last(used.grant_types?.[value]),
    })),
    ...secrets
      .filter((secret) => isValid(secret) && !keptSecrets(secrets, after).includes(secret))
      .map(({ id, name = id }) => ({
        kind: 'secret' as const,
        value: id,
        ...said(stopWordings.secret({ name })),
        ...last(used.secrets?.[id]),
      })),
    ...(after.disabled && !metadata.disabled
      ? [
          {
            kind: 'client' as const,
            value: clientId,
            detail: 'every request of the client would be refused',
            ...last(used.last_used),
          },
        ]
      : []),
  ];
  const ends = refreshes(metadata) && !refreshes(after);
  const living = ends ? await parts.countRefreshTokens(clientId) : 0;
  if (living > 0) {
    const value = living >= 1000 ? '1000 or more' : String(living);
    stops.push({
      kind: 'refresh_tokens',
      value,
      ...said(stopWordings.refresh_tokens()),
    });
  }
  return stops;
}
