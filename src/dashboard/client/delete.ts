import type { Page, View, Visit } from '../page.ts';
import { find, idOf, pathOf, type Shown, versionOf } from './found.ts';
import { actOrAsk } from './overtaken.ts';
import { review } from './review.ts';

const ask = async (visit: Visit, wrong: boolean): Promise<View> => {
  const { client, version } = await find(visit.rest, idOf(visit));
  // Deleted it loses all that it would lose disabled.
  const { stops } = await review(visit.rest, client, { patch: { disabled: true } });
  const typed = visit.form.get('name') ?? '';
  return {
    view: 'client/delete',
    status: wrong ? 422 : 200,
    model: { client, version, made: { refused: [], warnings: [], stops }, wrong, typed },
  };
};

/** As people copy it: runs of spaces are one. */
const plain = (text: string) => text.normalize('NFC').replace(/\s+/g, ' ').trim();

const isNamed = ({ client_id, client_name }: Shown, typed: string) =>
  typed !== '' && [client_id, client_name].some((name) => name && plain(name) === plain(typed));

const common = { path: '/clients/:id/delete', scope: 'clients:write', fresh: true } as const;

export const deletePages: readonly Page[] = [
  { ...common, method: 'get', handle: (visit) => ask(visit, false) },
  {
    ...common,
    method: 'post',
    async handle(visit) {
      const { rest, form } = visit;
      const { client } = await find(rest, idOf(visit));
      if (!isNamed(client, form.get('name') ?? '')) return ask(visit, true);
      const act = async () => {
        await rest.call('DELETE', pathOf(client.client_id), { version: versionOf(form) });
        const name = client.client_name ?? client.client_id;
        return {
          go: '/dashboard/clients',
          flash: { key: 'client.delete.done', parameters: { name } },
        };
      };
      return actOrAsk(visit, act, () => ask(visit, false));
    },
  },
];
