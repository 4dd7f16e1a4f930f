import { epoch } from '../../lib/time.ts';
import type { Page, View, Visit } from '../page.ts';
import { Refused } from '../rest.ts';
import { find, idOf, pathOf, placeOf, type Secret, type Shown, versionOf } from './found.ts';
import { actOrAsk } from './overtaken.ts';

const DAY = 86_400;

/** Those that work now. */
export const validSecrets = ({ secrets }: Shown): Secret[] =>
  secrets.filter(({ expires }) => expires === undefined || expires > epoch());

/** Seconds that the secrets of before go on working; `keep`: as long as they would anyway. */
const overlaps = ['keep', '0', '3600', String(DAY), String(7 * DAY), String(30 * DAY)];
/** Seconds until a new secret expires; `never`. */
const lives = ['never', String(30 * DAY), String(90 * DAY), String(180 * DAY), String(365 * DAY)];

/** A choice of the form, in seconds; absent when it is none of them or no number. */
const secondsOf = (choices: readonly string[], value: string | null): number | undefined =>
  value !== null && choices.includes(value) && /^\d+$/.test(value) ? Number(value) : undefined;

const methodsWithSecret = ['client_secret_basic', 'client_secret_post', 'client_secret_jwt'];

/** Whether the client has use for secrets: by its method, or since it has some. */
const usesSecrets = (client: Shown) =>
  client.secrets.length > 0 ||
  methodsWithSecret.includes(String(client.token_endpoint_auth_method));

const newForm = async (visit: Visit, more: object = {}): Promise<View> => {
  const { client, version } = await find(visit.rest, idOf(visit));
  const wanted = visit.form.get('overlap') ?? visit.query.get('overlap') ?? '';
  return {
    view: 'client/secret-new',
    model: {
      client,
      version,
      overlaps,
      lives,
      overlap: overlaps.includes(wanted) ? wanted : 'keep',
      life: visit.form.get('expires_in') ?? 'never',
      name: visit.form.get('name') ?? '',
      working: validSecrets(client).length,
      ...more,
    },
  };
};

const one = async (visit: Visit) => {
  const { client, version } = await find(visit.rest, idOf(visit));
  const secret = client.secrets.find(({ id }) => id === visit.params.secret);
  if (!secret) throw new Refused(404, { code: 'not_found', title: visit.text('client.no_secret') });
  return { client, version, secret };
};

const askToRemove = async (visit: Visit): Promise<View> => ({
  view: 'client/secret-remove',
  model: await one(visit),
});

const write = { scope: 'clients:write', fresh: true } as const;

export const secretPages: readonly Page[] = [
  {
    method: 'get',
    path: '/clients/:id/secrets',
    scope: 'clients:read',
    async handle(visit) {
      const { client } = await find(visit.rest, idOf(visit));
      const secrets = client.secrets.map((secret) => ({
        ...secret,
        over: secret.expires !== undefined && secret.expires <= epoch(),
      }));
      return {
        view: 'client/secrets',
        model: {
          client,
          secrets,
          uses: usesSecrets(client),
          only: validSecrets(client).length < 2,
          made: visit.once.client_secret,
        },
      };
    },
  },
  {
    ...write,
    method: 'get',
    path: '/clients/:id/secrets/new',
    handle: (visit) => newForm(visit),
  },
  {
    ...write,
    method: 'post',
    path: '/clients/:id/secrets/new',
    async handle(visit) {
      const { form } = visit;
      const name = form.get('name')?.trim();
      const [overlap, expires_in] = [
        secondsOf(overlaps, form.get('overlap')),
        secondsOf(lives, form.get('expires_in')),
      ];
      const body = {
        ...(name && { name }),
        ...(overlap !== undefined && { overlap }),
        ...(expires_in !== undefined && { expires_in }),
      };
      const path = `${pathOf(idOf(visit))}/secrets`;
      const act = async () => {
        const version = versionOf(form);
        const made = await visit.rest.call<Shown>('POST', path, { body, version });
        return {
          go: placeOf(idOf(visit), '/secrets'),
          once: { client_secret: made.body.client_secret as string },
        };
      };
      try {
        return await actOrAsk(visit, act, () => newForm(visit));
      } catch (error) {
        if (!(error instanceof Refused) || error.code !== 'invalid') throw error;
        return { ...(await newForm(visit, { errors: error.errors })), status: error.status };
      }
    },
  },
  {
    ...write,
    method: 'get',
    path: '/clients/:id/secrets/:secret/remove',
    handle: askToRemove,
  },
  {
    ...write,
    method: 'post',
    path: '/clients/:id/secrets/:secret/remove',
    async handle(visit) {
      const { client, secret } = await one(visit);
      const path = `${pathOf(client.client_id)}/secrets/${encodeURIComponent(secret.id)}`;
      const act = async () => {
        await visit.rest.call('DELETE', path, { version: versionOf(visit.form) });
        return {
          go: placeOf(client.client_id, '/secrets'),
          flash: { key: 'client.secrets.removed' },
        };
      };
      return actOrAsk(visit, act, () => askToRemove(visit));
    },
  },
];
