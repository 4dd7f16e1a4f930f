import { z } from 'zod';
import type { AuditEvent } from '../audit/audit.ts';
import type { Entry } from '../store/store.ts';
import type { ApiParts } from './api.ts';
import { named, PageQuery, pageOf } from './representation.ts';
import type { Route } from './route.ts';

const Change = z.strictObject({
  pointer: z.string().describe('RFC 6901'),
  before: z.unknown().optional(),
  after: z.unknown().optional(),
});

export const EventView = named(
  'AuditEvent',
  z.strictObject({
    id: z.string(),
    at: z.iso.datetime(),
    actor: z.strictObject({
      via: z.enum(['account', 'api', 'file', 'registration', 'server']),
      client_id: z.string().optional(),
      account_id: z.string().optional(),
      request: z.string().optional().describe('The correlation id in the log'),
    }),
    action: z.string(),
    target: z.string(),
    changes: z.array(Change).describe('Secrets are never among them'),
  }),
);

const AuditQuery = PageQuery.extend({
  target: z.string().min(1).max(300).optional().describe('Such as client:ID'),
  action: z.string().min(1).max(64).optional().describe('Such as client.update'),
  actor: z.string().min(1).max(256).optional().describe('The id of an account or client'),
  time: z
    .string()
    .min(1)
    .max(24)
    .optional()
    .describe('The beginning of the time in UTC: 2026-11, 2026-11-24, 2026-11-24T09'),
});

export const eventView = ({ id, value }: Entry<AuditEvent>) => {
  const { at, actor, action, target, changes } = value;
  return { id, at: new Date(at).toISOString(), actor, action, target, changes };
};

export const auditRoutes = ({ audit }: ApiParts): Route[] => [
  {
    method: 'get',
    path: '/audit',
    summary: 'List who changed what, newest first',
    tag: 'audit',
    scope: 'audit:read',
    status: 200,
    query: AuditQuery,
    response: pageOf(EventView),
    handle: async ({ query }) => {
      const page = await audit.list(query);
      return {
        body: {
          items: page.entries.map(eventView),
          ...(page.next !== undefined && { next: page.next }),
        },
      };
    },
  },
];
