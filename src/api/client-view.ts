import { z } from 'zod';
import type { Client } from '../clients/client.ts';
import { credentialsExpiry } from '../clients/credentials.ts';
import {
  AssignedMetadata,
  ClientMetadata,
  type ClientProperty,
  clientProperties,
} from '../clients/metadata.ts';
import { secretExpiry } from '../clients/secrets.ts';
import type { ClientUsage } from '../clients/usage.ts';
import type { ClientValidator } from '../clients/validate.ts';
import { profileNames } from '../clients/values.ts';
import type { Entry } from '../store/store.ts';
import { caseHelp } from './openapi.ts';
import { named, timestamp } from './representation.ts';

export const ViolationView = z.strictObject({
  pointer: z.string().describe('RFC 6901'),
  rule: z.string(),
  detail: z.string(),
  case: z.string().optional().describe(caseHelp),
  values: z.record(z.string(), z.string()).optional(),
  spec: z.string().optional().describe('The clause that asks for it'),
  fix: z.string().optional().describe('What to change'),
  patch: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('The change for programs: a JSON merge patch (RFC 7396) of the client'),
});

const violations = (text: string) => z.array(ViolationView).describe(text);

const SecretView = z.strictObject({
  id: z.string(),
  name: z.string().optional(),
  prefix: z.string().describe('The first characters, to tell secrets apart'),
  created: timestamp,
  expires: timestamp.optional(),
  last_used: timestamp.optional(),
});

const Origin = z.strictObject({
  via: z.enum(['api', 'file', 'registration', 'server']),
  initial_access_token: z.string().optional(),
  policy: z.string().optional(),
});

/** What the server says of a client beside its metadata. */
const said = {
  client_id: AssignedMetadata.shape.client_id,
  client_secret: AssignedMetadata.shape.client_secret,
  client_secret_expires_at: AssignedMetadata.shape.client_secret_expires_at,
  secrets: z.array(SecretView),
  origin: Origin,
  conforming: z.boolean().describe('Whether the client keeps every rule that holds for it today'),
  violations: violations('What it does not keep; a change that leaves these alone is accepted'),
  warnings: violations('What is allowed and not advised'),
  expires_at: timestamp.optional().describe('When a registered client ceases to exist'),
  credentials_expire_at: timestamp
    .optional()
    .describe('When the last of its secrets, or of its registered certificates, ends'),
  quarantined_at: timestamp.optional().describe('Since when it is set aside as unused'),
  last_used_at: timestamp.optional(),
  redirect_uris_last_used: z
    .record(z.string(), timestamp)
    .optional()
    .describe('When people were last sent back, by redirect URI; one that is missing is unused'),
  created_at: timestamp,
  updated_at: timestamp,
};

/** A stored client is shown as it is, even when a property's own rule has become stricter since. */
const asStored = Object.fromEntries(clientProperties.map((name) => [name, z.unknown().optional()]));

const FapiProfile = ClientMetadata.shape.fapi_profile;
const fapi_profile = z
  .union([z.enum(profileNames), z.literal(true), z.null()])
  .optional()
  .meta({ ...FapiProfile.meta() });

export const ClientView = {
  ...named('Client', z.strictObject({ ...asStored, ...said })),
  document: ClientMetadata.extend(said),
};

export const ClientInputView = named(
  'ClientInput',
  ClientMetadata.partial({ type: true }).extend({
    client_id: z.string().optional(),
    fapi_profile,
  }),
);

/** Null removes a property (RFC 7396). */
export const ClientPatchView = named(
  'ClientPatch',
  z.strictObject(
    Object.fromEntries(
      clientProperties.map((name) => {
        const property = name === 'fapi_profile' ? fapi_profile : ClientMetadata.shape[name];
        return [name, z.union([property as z.ZodType, z.null()]).optional()];
      }),
    ),
  ),
);

/** The id that a new client is to have, if the caller says; what is no text is refused as an id. */
export const clientIdOf = (input: unknown): { clientId?: string } => {
  if (typeof input !== 'object' || input === null || !('client_id' in input)) return {};
  return { clientId: typeof input.client_id === 'string' ? input.client_id : '' };
};

/** What the server says of a client but does not take back; a copy of an answer may be sent again. */
export const readOnlyOfClient = Object.keys(said);

export const clientView = (
  validator: ClientValidator,
  { id, value }: Entry<Client>,
  secret?: string,
  usage: ClientUsage = {},
) => {
  const { metadata, secrets, origin, registration } = value;
  const found = validator.violations(metadata);
  const ends = credentialsExpiry(value);
  // A property of an earlier version is told of as a violation, and goes with the next change.
  const known: Partial<ClientMetadata> = { ...metadata };
  for (const name of Object.keys(metadata)) {
    if (!Object.hasOwn(asStored, name)) delete known[name as ClientProperty];
  }
  return {
    ...known,
    client_id: id,
    ...(secret && { client_secret: secret }),
    ...(secrets.length > 0 && { client_secret_expires_at: secretExpiry(secrets) }),
    secrets: secrets.map(({ id, name, prefix, created, expires }) => ({
      id,
      ...(name !== undefined && { name }),
      prefix,
      created,
      ...(expires !== undefined && { expires }),
      ...(usage.secrets?.[id] !== undefined && { last_used: usage.secrets[id] }),
    })),
    origin,
    conforming: found.length === 0,
    violations: found,
    warnings: found.length > 0 ? [] : validator.warnings(metadata),
    ...(registration?.expires !== undefined && { expires_at: registration.expires }),
    ...(ends !== undefined && { credentials_expire_at: ends }),
    ...(registration?.quarantined !== undefined && { quarantined_at: registration.quarantined }),
    ...(usage.last_used && { last_used_at: usage.last_used }),
    ...(usage.redirect_uris && { redirect_uris_last_used: usage.redirect_uris }),
    created_at: value.created,
    updated_at: value.updated,
  };
};
