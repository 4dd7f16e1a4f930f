import { wordings } from '../../lib/wording.ts';
import type { ClientMetadata, ClientProperty } from '../metadata.ts';
import type { ClientPatch, Rule } from './rule.ts';

/** Why a type fixes them. */
const says = wordings({
  native: {
    detail: 'a native application is reached by claimed https, private-use or loopback addresses',
    fix: '{value}',
  },
  browser: { detail: 'a single-page application is reached by https addresses', fix: '{value}' },
  web: { detail: 'a web application is reached by https addresses', fix: '{value}' },
});
export type FixedBecause = keyof typeof says;

/** Values that a type fixes. */
export type FixedValues = { readonly [K in ClientProperty]?: ClientMetadata[K] };

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

export const fixedValues: Rule<{ values: FixedValues; because: FixedBecause }> = {
  id: 'fixed-by-type',
  title: 'The client keeps to what its type allows',
  says,
  reads: ['type'],
  *check(client, { values, because }) {
    for (const [name, value] of Object.entries(values) as [ClientProperty, unknown][]) {
      if (same(client[name], value)) continue;
      yield {
        pointer: `/${name}`,
        ...says[because]({ value: JSON.stringify(value) }),
        patch: { [name]: value } as ClientPatch,
      };
    }
  },
};
