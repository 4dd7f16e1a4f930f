/** Every type of client. A type is a file here and a line in this table. */
import type { ClientMetadata } from '../metadata.ts';
import { fixedValues } from '../rules/fixed-values.ts';
import { type AppliedRule, apply } from '../rules/rule.ts';
import { device } from './device.ts';
import { financial } from './financial.ts';
import { native } from './native.ts';
import { serverToServer } from './server-to-server.ts';
import { singlePageApplication } from './single-page-application.ts';
import type { ClientType } from './type.ts';
import { web } from './web.ts';

export const types: Readonly<Record<ClientMetadata['type'], ClientType>> = {
  web,
  'single-page-application': singlePageApplication,
  native,
  'server-to-server': serverToServer,
  device,
  financial,
};

const layer = ({ rules, fixed, because }: ClientType): readonly AppliedRule[] => [
  ...rules,
  ...(because
    ? [
        apply(fixedValues, 'OpenID Connect Dynamic Client Registration 1.0, section 2', {
          values: fixed,
          because,
        }),
      ]
    : []),
];

const layers = new Map(Object.entries(types).map(([name, type]) => [name, layer(type)]));

/** The rules of a type, beyond those of every client. */
export const typeRules = (type: string): readonly AppliedRule[] => layers.get(type) ?? [];
