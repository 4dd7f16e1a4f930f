/**
 * A client's metadata as a form, made from its declaration. What is sent is what was changed since the
 * form was opened, measured by a copy that travels with it: so a change by somebody else meanwhile is
 * neither undone by untouched fields nor lost, and what both changed is shown side by side.
 */
import { digest } from '../../lib/ids.ts';
import type { Page, View, Visit } from '../page.ts';
import { Refused } from '../rest.ts';
import { type Difference, differences } from './differences.ts';
import type { Told } from './events.ts';
import { sectionsOf } from './fields.ts';
import { type Found, find, idOf, pathOf, placeOf, type Shown, versionOf } from './found.ts';
import { changesSince } from './overtaken.ts';
import { changed, exact, metadataOf } from './patching.ts';
import { type Review, review } from './review.ts';
import { readTyped, type Typed } from './typed.ts';

/** What somebody else changed since the form was opened, and what of it was changed here too. */
export interface Conflict {
  theirs: (Difference & { both: boolean })[];
  events: Told[];
}

async function conflictOf(
  visit: Visit,
  { client, version }: Found,
  { seen, patch }: Typed,
): Promise<Conflict | undefined> {
  if (version === versionOf(visit.form)) return undefined;
  const theirs = differences(seen, metadataOf(client)).map((difference) => ({
    ...difference,
    both: Object.hasOwn(patch, difference.name),
  }));
  return theirs.length > 0 ? { theirs, events: await changesSince(visit, version) } : undefined;
}

/** Tells whether what is saved is what was reviewed. */
const markOf = ({ patch }: Typed) => digest(JSON.stringify(patch));

interface Form {
  typed: Typed;
  reviewed: Review;
  conflict?: Conflict | undefined;
}

const nothing: Typed = { seen: {}, patch: {}, unread: new Map(), errors: [] };

/** @param form absent: it was just opened */
function show({ client, version }: Found, form?: Form): View {
  const now = metadataOf(client);
  const { typed = nothing, reviewed, conflict } = form ?? {};
  const values = changed(now, typed.patch);
  const errors = reviewed?.refused ?? [];
  const sections = sectionsOf({ client, values, unread: typed.unread, errors });
  return {
    view: 'client/edit',
    model: {
      client,
      version,
      seen: JSON.stringify(now),
      sections,
      reviewed,
      conflict,
      mark: markOf(typed),
    },
    status: conflict ? 409 : 200,
  };
}

/** The form that was sent, laid upon the client as it is now. */
async function sent(visit: Visit) {
  const found = await find(visit.rest, idOf(visit));
  const typed = readTyped(visit.form);
  return { found, typed, conflict: await conflictOf(visit, found, typed) };
}

type Sent = Awaited<ReturnType<typeof sent>>;

/** The page that tells what would be saved, and what of it is refused. */
async function reviewOf(visit: Visit, state: Sent): Promise<View> {
  const { found, typed, conflict } = state;
  const { client } = found;
  const wanted = changed(metadataOf(client), typed.patch);
  const made = await review(visit.rest, client, { patch: exact(client, typed.patch) }, wanted);
  const reviewed = {
    ...made,
    refused: [...typed.errors, ...made.refused],
    ready: made.ready && typed.errors.length === 0,
  };
  return show(found, { typed, reviewed, conflict });
}

const scope = 'clients:write';

export const editPages: readonly Page[] = [
  {
    method: 'get',
    path: '/clients/:id/edit',
    scope,
    handle: async (visit) => show(await find(visit.rest, idOf(visit))),
  },
  {
    method: 'post',
    path: '/clients/:id/edit/review',
    scope,
    handle: async (visit) => reviewOf(visit, await sent(visit)),
  },
  {
    method: 'post',
    path: '/clients/:id/edit',
    scope,
    async handle(visit) {
      const state = await sent(visit);
      const { found, typed, conflict } = state;
      const { client_id: id } = found.client;
      const reviewed = visit.form.get('reviewed') === markOf(typed);
      if (conflict || !reviewed || typed.errors.length > 0) return reviewOf(visit, state);
      try {
        const { body } = await visit.rest.call<Shown>('PATCH', pathOf(id), {
          body: exact(found.client, typed.patch),
          version: found.version,
        });
        const flash = { key: 'client.saved' };
        // A client that begins to authenticate by a secret is given one, shown this once.
        return body.client_secret
          ? { go: placeOf(id, '/secrets'), flash, once: { client_secret: body.client_secret } }
          : { go: placeOf(id), flash };
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        if (!['invalid', 'precondition_failed'].includes(error.code)) throw error;
        return reviewOf(visit, await sent(visit));
      }
    },
  },
];
