import { z } from 'zod';
import type { ApiParts } from './api.ts';
import { named } from './representation.ts';
import type { Route } from './route.ts';

const Setting = z.strictObject({
  name: z.string().describe('As in the configuration file, joined by dots'),
  help: z.string(),
  source: z.enum(['default', 'file', 'environment']),
  env: z.string().optional().describe('The environment variable that sets it'),
  secret: z.boolean(),
  set: z.boolean().describe('Whether it has a value'),
  value: z.unknown().optional().describe('In force; never of a secret'),
});

const SettingsView = named('Settings', z.strictObject({ items: z.array(Setting) }));

/** The configuration in force, to be read. It is changed where it is written. */
export const settingsRoutes = ({ settings }: ApiParts): Route[] => [
  {
    method: 'get',
    path: '/settings',
    summary: 'List the options in force, and where each value comes from',
    tag: 'settings',
    scope: 'settings:read',
    status: 200,
    response: SettingsView,
    handle: async () => ({ body: { items: settings } }),
  },
];
