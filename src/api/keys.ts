/** The keys that tokens are signed with and requests encrypted to: what there is, and the next ones. Never a private part. */
import { z } from 'zod';
import { keyAlgs } from '../clients/values.ts';
import { Problem } from '../lib/problem.ts';
import { schemaViolations } from '../lib/schema-violations.ts';
import type { ApiParts } from './api.ts';
import { named, pageOf, timestamp } from './representation.ts';
import type { Route } from './route.ts';

const KeyView = named(
  'SigningKey',
  z.strictObject({
    kid: z.string(),
    alg: z.enum(keyAlgs),
    state: z
      .enum(['published', 'active', 'retired'])
      .describe(
        'published: does not sign yet. retired: signs no more. All are in the JWKS, but of those for encryption the active one alone',
      ),
    created_at: timestamp,
    active_at: timestamp.describe('Signs from then on, seconds since the epoch'),
    retired_at: timestamp
      .optional()
      .describe('Signs until then, seconds since the epoch; absent while no other is to follow'),
    gone_at: timestamp
      .optional()
      .describe(
        'Leaves the JWKS then, seconds since the epoch, and decrypts no more; what it signed is of no use by then',
      ),
  }),
);

const RotationInput = z.strictObject({
  alg: z.enum(keyAlgs).optional().describe('Default: all of them'),
  at_once: z
    .boolean()
    .default(false)
    .describe(
      'For keys that somebody else may have: all keys of the algorithm are removed, and nothing that they signed verifies or was encrypted to them decrypts any more',
    ),
});

const response = pageOf(KeyView);

export const keyRoutes = ({ keys }: ApiParts): Route[] => [
  {
    tag: 'keys',
    method: 'get',
    path: '/keys',
    summary: 'List keys',
    scope: 'keys:read',
    status: 200,
    response,
    handle: async () => ({ body: { items: await keys.list() } }),
  },
  {
    tag: 'keys',
    method: 'post',
    path: '/keys/rotate',
    summary: 'Publish the next keys, or replace those that there are',
    scope: 'keys:write',
    body: named('KeyRotationInput', RotationInput),
    also: ['conflict'],
    status: 200,
    response,
    handle: async ({ body, actor }) => {
      const parsed = RotationInput.safeParse(body);
      if (!parsed.success) {
        const errors = schemaViolations(parsed.error.issues);
        throw new Problem('invalid', 'The rotation breaks rules; each is listed.', { errors });
      }
      const { alg, at_once } = parsed.data;
      return {
        body: { items: await keys.rotate({ ...(alg && { algs: [alg] }), at_once }, actor) },
      };
    },
  },
];
