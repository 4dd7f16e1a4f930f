import { types } from '../../clients/types/all.ts';
import { clientTypes } from '../../clients/values.ts';
import type { Page, View, Visit } from '../page.ts';
import { Refused } from '../rest.ts';
import { find, idOf, pathOf, placeOf, type Shown, versionOf } from './found.ts';
import { actOrAsk } from './overtaken.ts';
import { review } from './review.ts';

const typeOf = (value: string | null) => clientTypes.find((type) => type === value);

/** What the client would be as another type; without one, which there are. */
async function ask(visit: Visit, type = typeOf(visit.query.get('type'))): Promise<View> {
  const { client, version } = await find(visit.rest, idOf(visit));
  const made = type && (await review(visit.rest, client, { convert: { type } }));
  const others = clientTypes
    .filter((other) => other !== client.type)
    .map((other) => ({ type: other, description: types[other].description }));
  return { view: 'client/convert', model: { client, version, made, type, others } };
}

const common = { path: '/clients/:id/convert', scope: 'clients:write' } as const;

export const convertPages: readonly Page[] = [
  { ...common, method: 'get', handle: (visit) => ask(visit) },
  {
    ...common,
    method: 'post',
    async handle(visit) {
      const [id, type] = [idOf(visit), typeOf(visit.form.get('type'))];
      if (!type) return ask(visit);
      const act = async () => {
        const { body } = await visit.rest.call<Shown>('POST', `${pathOf(id)}/convert`, {
          body: { type },
          version: versionOf(visit.form),
        });
        const flash = { key: 'client.convert.done' };
        return body.client_secret
          ? { go: placeOf(id, '/secrets'), flash, once: { client_secret: body.client_secret } }
          : { go: placeOf(id), flash };
      };
      try {
        return await actOrAsk(visit, act, () => ask(visit, type));
      } catch (error) {
        // What would be refused is told by the review.
        if (error instanceof Refused && error.code === 'invalid') return ask(visit, type);
        throw error;
      }
    },
  },
];
