import type { ClientMetadata, ClientProperty } from '../metadata.ts';
import type { ClientPatch, Rule } from './rule.ts';

/** Values that a type or profile fixes, each with the reason in words. */
export type FixedValues = { readonly [K in ClientProperty]?: ClientMetadata[K] };

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

/** @param options.because completes "is fixed: …" */
export const fixedValues: Rule<{ values: FixedValues; because: string }> = {
  id: 'fixed-by-type',
  title: 'The client keeps to what its type allows',
  reads: ['type'],
  *check(client, { values, because }) {
    for (const [name, value] of Object.entries(values) as [ClientProperty, unknown][]) {
      if (same(client[name], value)) continue;
      yield {
        pointer: `/${name}`,
        detail: because,
        fix: JSON.stringify(value),
        patch: { [name]: value } as ClientPatch,
      };
    }
  },
};
