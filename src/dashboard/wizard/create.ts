import type { Violation } from '../../lib/problem.ts';
import type { Go, Page, View, Visit } from '../page.ts';
import { Refused } from '../rest.ts';
import { fieldsOf, readAnswers } from './answers.ts';
import { keyCommand } from './key-command.ts';
import { type Opening, open, openingOf } from './opening.ts';
import { questions } from './questions.ts';

interface Types {
  items: { type: string }[];
}

interface Outcome {
  accepted: boolean;
  refused: Violation[];
  warnings: Violation[];
}

const write = { scope: 'clients:write' } as const;

export const typesPage: Page = {
  ...write,
  method: 'get',
  path: '/clients/new',
  async handle({ rest }) {
    const { items } = await rest.get<Types>('/client-types');
    return { view: 'wizard/types', model: { types: items.map(({ type }) => type) } };
  },
};

/** @throws {Refused} for what is no type */
function typeOf({ params, text }: Visit): string {
  const { type = '' } = params;
  if (Object.hasOwn(questions, type)) return type;
  const detail = text('wizard.no_type');
  throw new Refused(404, { detail });
}

interface Said {
  errors?: readonly Violation[];
  warnings?: readonly Violation[];
  accepted?: boolean;
  /** Which APIs the form offers; absent: none. */
  opening?: Opening | undefined;
}

function form(visit: Visit, { errors = [], ...said }: Said = {}): View {
  const type = typeOf(visit);
  const posted = visit.form.size > 0 ? visit.form : undefined;
  const { fields, rest } = fieldsOf(type, posted, errors);
  const hasKeys = fields.some(({ name }) => name === 'keys');
  return {
    view: 'wizard/form',
    status: errors.length > 0 ? 422 : 200,
    model: {
      type,
      fields,
      errors,
      others: rest,
      ...said,
      ...(hasKeys && { keyCommand }),
    },
  };
}

export const formPage: Page = {
  ...write,
  method: 'get',
  path: '/clients/new/:type',
  handle: async (visit) => form(visit, { opening: await openingOf(visit, typeOf(visit)) }),
};

/** Says what would become of the form, and creates nothing. */
export const checkPage: Page = {
  ...write,
  method: 'post',
  path: '/clients/new/:type/check',
  async handle(visit) {
    const type = typeOf(visit);
    const read = readAnswers(type, visit.form);
    const opening = await openingOf(visit, type);
    if ('errors' in read) return form(visit, { ...read, opening });
    const { body } = await visit.rest.call<Outcome>('POST', '/clients/dry-run', {
      body: { create: read.metadata },
    });
    const { accepted, refused, warnings } = body;
    return form(visit, { accepted, errors: refused, warnings, opening });
  },
};

/** The client is there, whatever becomes of this: what could not be opened is said beside its code. */
async function opened(visit: Visit, { chosen }: Opening, clientId: string): Promise<Partial<Go>> {
  if (!chosen) return {};
  try {
    await open(visit, chosen, clientId);
    return {};
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const reason = error.errors[0]?.detail ?? error.message;
    return {
      flash: {
        key: 'wizard.not_opened',
        parameters: { name: chosen.title, reason },
        kind: 'warning',
      },
    };
  }
}

export const createPage: Page = {
  ...write,
  method: 'post',
  path: '/clients/new/:type',
  async handle(visit) {
    const type = typeOf(visit);
    const read = readAnswers(type, visit.form);
    const opening = await openingOf(visit, type);
    if ('errors' in read) return form(visit, { ...read, opening });
    if (opening?.chosen?.missing) return form(visit, { opening });
    try {
      const { body } = await visit.rest.call<{ client_id: string; client_secret?: string }>(
        'POST',
        '/clients',
        { body: read.metadata },
      );
      const { client_id, client_secret } = body;
      return {
        go: `/dashboard/clients/${encodeURIComponent(client_id)}/code`,
        once: { created: client_id, ...(client_secret && { client_secret }) },
        ...(opening && (await opened(visit, opening, client_id))),
      };
    } catch (error) {
      if (!(error instanceof Refused) || error.errors.length === 0) throw error;
      return form(visit, { errors: error.errors, opening });
    }
  },
};
