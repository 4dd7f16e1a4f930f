import { z } from 'zod';
import { AccountInput, Claims, roles } from '../accounts/account.ts';
import { Resource } from '../clients/resource.ts';
import type { Entry } from '../store/store.ts';
import type { Named } from './route.ts';

export const timestamp = z.int().describe('Seconds since the epoch');

export const named = (name: string, schema: z.ZodType): Named => ({ name, schema });

/** A page of a list of `item`. */
export const pageOf = (item: Named): Named =>
  named(
    `${item.name}Page`,
    z.strictObject({
      items: z.array(item.schema),
      next: z
        .string()
        .optional()
        .describe('Give it as `after` to read on; absent on the last page'),
    }),
  );

export const PageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(50),
  after: z.string().min(1).max(1024).optional(),
});

export const AccountView = named(
  'Account',
  Claims.extend({
    id: z.string(),
    email: z.string(),
    email_verified: z.boolean(),
    roles: z.array(z.enum(roles)),
    disabled: z.boolean(),
    created_at: timestamp,
    updated_at: timestamp,
  }),
);

export const AccountInputView = named('AccountInput', AccountInput);
export const AccountPatchView = named('AccountPatch', AccountInput.partial());

const readOnlyOfAccount = ['id', 'created_at', 'updated_at'];

export const ResourceView = named(
  'Resource',
  z.strictObject({
    ...Resource.shape,
    id: z.string(),
    created_at: timestamp,
    updated_at: timestamp,
  }),
);

export const ResourceInputView = named('ResourceInput', Resource);
export const ResourcePatchView = named('ResourcePatch', z.strictObject(Resource.shape).partial());

const readOnlyOfResource = ['id', 'created_at', 'updated_at'];

export const resourceView = ({ id, value }: Entry<Resource>) => {
  const { created = 0, updated = 0, authorization_details_types = [], ...resource } = value;
  return {
    ...resource,
    authorization_details_types,
    id,
    created_at: created,
    updated_at: updated,
  };
};

export const dropping = (names: readonly string[]) => (input: unknown) =>
  typeof input === 'object' && input !== null && !Array.isArray(input)
    ? Object.fromEntries(Object.entries(input).filter(([name]) => !names.includes(name)))
    : input;

/** Inputs without what only the server says. */
export const writable = {
  account: dropping(readOnlyOfAccount),
  resource: dropping(readOnlyOfResource),
};
