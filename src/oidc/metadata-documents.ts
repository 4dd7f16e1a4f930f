/**
 * Client ID metadata documents (draft-ietf-oauth-client-id-metadata-document-02): a client that nobody
 * registered, whose `client_id` is the https address of its metadata. The engine fetches and keeps
 * them, through the guarded `fetch`; what such a client may be is decided here.
 */
import { type Configuration, errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { Guard } from '../lib/limit.ts';
import type { DocumentJudge } from '../registration/metadata-document.ts';

export interface MetadataDocuments {
  judge: DocumentJudge;
  /** Counts fetches by who causes them. */
  limit: Guard<{ ip: string }>;
}

type Feature = NonNullable<NonNullable<Configuration['features']>['clientIdMetadataDocument']>;

/** As many characters as a store and a page can have of a name. */
const LONGEST = 512;
/** Seconds that a document is kept: what its headers say, within this. */
const cacheDuration = { min: 600, max: 3600 };

/** `features.clientIdMetadataDocument` */
export function metadataDocuments(documents: MetadataDocuments | undefined): Feature {
  if (!documents) return { enabled: false };
  const { judge, limit } = documents;
  return {
    enabled: true,
    ack: 'draft-02',
    cacheDuration,
    async allowFetch(ctx: KoaContextWithOIDC | undefined, clientId: string) {
      // Outside a request nobody waits for the answer.
      if (!ctx || clientId.length > LONGEST || limit.wait({ ip: ctx.ip }) > 0) return false;
      await limit.hit({ ip: ctx.ip });
      return true;
    },
    async allowClient(_ctx, client) {
      const { violations, scope } = await judge(client.metadata() as Record<string, unknown>);
      const [flaw] = violations;
      if (flaw) {
        throw new errors.InvalidClientMetadata(
          'the client_id metadata document is not acceptable',
          `${flaw.pointer || 'client'}: ${flaw.detail}`,
        );
      }
      // A document that names no scopes gets those of the policy, as a registration would.
      if (scope !== undefined) Object.assign(client, { scope });
      return true;
    },
  };
}

/**
 * `extraClientMetadata.validator`: what administrators decide about a client is not for its own
 * document to say. Stored clients never have an address for a name.
 */
export function refuseOwnProperties(
  _ctx: unknown,
  name: string,
  value: unknown,
  { client_id }: { client_id?: unknown },
): void {
  if (value === undefined || !/^https:/i.test(String(client_id))) return;
  throw new errors.InvalidClientMetadata(
    `${name} is for administrators to set`,
    'in a client_id metadata document',
  );
}
