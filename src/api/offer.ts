import type { Middleware } from 'koa';
import { onDemand } from '../lib/on-demand.ts';
import { under } from '../lib/under.ts';
import type { ApiParts } from './api.ts';

/** Offers the REST API below `/api/v1`; it is loaded by the first who ask it. */
export const offerApi = (parts: ApiParts): Middleware =>
  under(
    ['/api/v1'],
    onDemand(async () => (await import('./api.ts')).createApi(parts)),
  );
