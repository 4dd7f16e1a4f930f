import type { Page } from '../page.ts';
import { find, idOf, pathOf, placeOf, type Shown, versionOf } from './found.ts';
import { review } from './review.ts';
import { validSecrets } from './secrets.ts';
import { sentencesOf } from './words.ts';

/** Days before its end at which a secret's expiry is told of beside the client's name. */
const SOON = 14 * 86_400;

const keysOf = ({ jwks, jwks_uri }: Shown) => {
  const { keys } = (jwks ?? {}) as { keys?: { kid?: string; kty?: string; alg?: string }[] };
  return {
    uri: jwks_uri,
    keys: (Array.isArray(keys) ? keys : []).map(({ kid, kty, alg }) => ({ kid, kty, alg })),
  };
};

export const overviewPages: readonly Page[] = [
  {
    method: 'get',
    path: '/clients/:id',
    scope: 'clients:read',
    async handle(visit) {
      const { client, version } = await find(visit.rest, idOf(visit));
      const secrets = validSecrets(client);
      const until = Math.floor(Date.now() / 1000) + SOON;
      return {
        view: 'client/overview',
        model: {
          client,
          version,
          sentences: sentencesOf(client),
          secrets,
          expiring: secrets.length > 0 && secrets.every(({ expires = until }) => expires < until),
          keys: keysOf(client),
        },
      };
    },
  },
  {
    method: 'get',
    path: '/clients/:id/disable',
    scope: 'clients:write',
    async handle(visit) {
      const { client, version } = await find(visit.rest, idOf(visit));
      const made = await review(visit.rest, client, { patch: { disabled: true } });
      return { view: 'client/disable', model: { client, version, made } };
    },
  },
  {
    method: 'post',
    path: '/clients/:id/disable',
    scope: 'clients:write',
    async handle({ rest, form, ...visit }) {
      const id = idOf({ rest, form, ...visit });
      const disabled = form.get('disabled') !== 'false';
      await rest.call('PATCH', pathOf(id), { body: { disabled }, version: versionOf(form) });
      return {
        go: placeOf(id),
        flash: { key: disabled ? 'client.disabled_now' : 'client.enabled_now' },
      };
    },
  },
];
