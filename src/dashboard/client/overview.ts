import { epoch } from '../../lib/time.ts';
import type { Page, View, Visit } from '../page.ts';
import { find, idOf, pathOf, placeOf, type Shown, versionOf } from './found.ts';
import { actOrAsk } from './overtaken.ts';
import { review } from './review.ts';
import { validSecrets } from './secrets.ts';
import { sentencesOf } from './words.ts';

/** Days before its end at which a secret's expiry is told of beside the client's name. */
const SOON = 14 * 86_400;

/** Seconds without use after which a redirect URI is worth a word. */
const IDLE = 90 * 86_400;

const keysOf = ({ jwks, jwks_uri }: Shown) => {
  const { keys } = (jwks ?? {}) as { keys?: { kid?: string; kty?: string; alg?: string }[] };
  return {
    uri: jwks_uri,
    keys: (Array.isArray(keys) ? keys : []).map(({ kid, kty, alg }) => ({ kid, kty, alg })),
  };
};

/** What would stop. */
async function askToDisable(visit: Visit): Promise<View> {
  const { client, version } = await find(visit.rest, idOf(visit));
  const made = await review(visit.rest, client, { patch: { disabled: true } });
  return { view: 'client/disable', model: { client, version, made } };
}

export const overviewPages: readonly Page[] = [
  {
    method: 'get',
    path: '/clients/:id',
    scope: 'clients:read',
    async handle(visit) {
      const { client, version } = await find(visit.rest, idOf(visit));
      const secrets = validSecrets(client);
      const now = epoch();
      const until = now + SOON;
      return {
        view: 'client/overview',
        model: {
          client,
          version,
          sentences: sentencesOf(client),
          secrets,
          expiring: secrets.length > 0 && secrets.every(({ expires = until }) => expires < until),
          keys: keysOf(client),
          idle_since: now - IDLE,
        },
      };
    },
  },
  {
    method: 'get',
    path: '/clients/:id/disable',
    scope: 'clients:write',
    handle: askToDisable,
  },
  {
    method: 'post',
    path: '/clients/:id/disable',
    scope: 'clients:write',
    handle(visit) {
      const { rest, form } = visit;
      const path = pathOf(idOf(visit));
      const set = async (disabled: boolean, version?: number) => {
        await rest.call('PATCH', path, { body: { disabled }, version });
        const key = disabled ? 'client.disabled_now' : 'client.enabled_now';
        return { go: placeOf(idOf(visit)), flash: { key } };
      };
      // Enabling takes nothing from anybody, so it matters not what else was changed.
      if (form.get('disabled') === 'false') return set(false);
      return actOrAsk(
        visit,
        () => set(true, versionOf(form)),
        () => askToDisable(visit),
      );
    },
  },
  {
    method: 'post',
    path: '/clients/:id/quarantine',
    scope: 'registration:write',
    async handle(visit) {
      const id = idOf(visit);
      await visit.rest.call('DELETE', `${pathOf(id)}/quarantine`);
      return { go: placeOf(id), flash: { key: 'client.taken_back' } };
    },
  },
];
