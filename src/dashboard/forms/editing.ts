/**
 * Forms that make or change a document of the API. What was typed is never lost: what the API refuses
 * is said at its field, and when somebody else was faster, their values stand beside the own ones.
 */
import type { Go, Page, View, Visit } from '../page.ts';
import { Refused } from '../rest.ts';
import { type Field, shown, typed, type Values } from './fields.ts';

export interface Form<T> {
  topic: string;
  /** Its texts are `dashboard.TOPIC.NAME.title`, `.lead` and `.save`. */
  name: string;
  /** Below `/dashboard`. */
  path: string;
  scope: string;
  fresh?: true;
  fields(visit: Visit): readonly Field[] | Promise<readonly Field[]>;
  /** The document that is changed, as the API names it; absent: a new one. */
  at?(visit: Visit): string;
  /** What the form begins with. */
  values(document: T | undefined, visit: Visit): Values;
  /** The page that it belongs to, below `/dashboard`. */
  back(visit: Visit): string;
  /** What the document is called, for the title. */
  called?(document: T, visit: Visit): string;
  save(visit: Visit, values: Values, version: number | undefined): Promise<Go>;
}

/** What a person can mend: a conflict, a change of somebody else, rules that are broken. */
const MENDABLE = [404, 409, 412, 422];

const versionOf = (form: URLSearchParams) =>
  /^\d{1,15}$/.test(form.get('version') ?? '') ? Number(form.get('version')) : undefined;

export function formPages<T>(form: Form<T>): Page[] {
  const { topic, name, path, scope, fresh } = form;
  const common = { path, scope, ...(fresh && { fresh }) };

  const read = async (visit: Visit) =>
    form.at ? visit.rest.call<T>('GET', form.at(visit)) : { body: undefined, version: undefined };

  async function show(visit: Visit, values?: Values, refused?: Refused): Promise<View> {
    const [{ body, version }, fields] = await Promise.all([read(visit), form.fields(visit)]);
    const overtaken = refused?.code === 'precondition_failed';
    const now = overtaken && body !== undefined ? form.values(body, visit) : undefined;
    const about = { errors: refused?.errors ?? [], now };
    return {
      view: 'forms/form',
      ...(refused && { status: refused.status }),
      model: {
        topic,
        name,
        called: body !== undefined ? form.called?.(body, visit) : undefined,
        back: `/dashboard${form.back(visit)}`,
        groups: shown(fields, values ?? form.values(body, visit), about),
        // Once the other's values were shown, saving again is meant.
        version: refused && !overtaken ? versionOf(visit.form) : version,
        overtaken,
        refusal: refused && { code: refused.code, detail: refused.message, errors: refused.errors },
      },
    };
  }

  return [
    { ...common, method: 'get', handle: (visit) => show(visit) },
    {
      ...common,
      method: 'post',
      async handle(visit) {
        const values = typed(await form.fields(visit), visit.form);
        try {
          return await form.save(visit, values, versionOf(visit.form));
        } catch (error) {
          if (!(error instanceof Refused) || !MENDABLE.includes(error.status)) throw error;
          return show(visit, values, error);
        }
      },
    },
  ];
}
