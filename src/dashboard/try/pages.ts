import { epoch } from '../../lib/time.ts';
import { find, idOf, placeOf } from '../client/found.ts';
import { listFailures } from '../failures/failure.ts';
import type { Page, View, Visit } from '../page.ts';
import { act, authenticates, nextActs } from './acts.ts';
import { begin } from './begin.ts';
import { needsOf } from './credentials.ts';
import { commandsOf, withoutTry } from './curl.ts';
import { readWish, typedCredentials, type Wrong } from './form.ts';
import { type Api, apisOf, type Flow, offersOf, reasonAgainst } from './offers.ts';
import type { Registered } from './registered.ts';
import { shownTokens } from './tokens.ts';
import type { Step, Try } from './try.ts';

const clientOf = async (visit: Visit) => (await find(visit.rest, idOf(visit))).client as Registered;

const knownApis = (visit: Visit, client: Registered): Promise<Api[]> =>
  visit.may('resources:read') ? apisOf(visit.rest, client.client_id) : Promise.resolve([]);

interface Typed {
  wrong?: Wrong;
  flow?: Flow | undefined;
  status?: number;
}

/** The page to begin with: what can be tried, or why nothing can, and the same for a terminal. */
async function start(visit: Visit, client: Registered, typed: Typed = {}): Promise<View> {
  const { form, issuer } = visit;
  const mayAct = visit.may('clients:write');
  const reason = reasonAgainst(client);
  const apis = mayAct && !reason ? await knownApis(visit, client) : [];
  const offers = mayAct ? offersOf(client, apis) : [];
  const { wrong = {}, status } = typed;
  return {
    view: 'try/start',
    ...(status && { status }),
    model: {
      client,
      reason,
      needs: needsOf(client),
      wrong,
      offers: offers.map((offer) => ({
        ...offer,
        open: offers.length === 1 || typed.flow === offer.flow,
        ...(typed.flow === offer.flow && { scope: form.get('scope') ?? '' }),
      })),
      commands: commandsOf(issuer, client, offers.length > 0 ? withoutTry : undefined),
    },
  };
}

/** Why the last step failed, as the server wrote it down. */
async function whyOf({ rest, text }: Visit, step: Step | undefined) {
  if (!step?.failed || !step.id) return undefined;
  return (await listFailures(rest, { id: step.id }, text)).items[0]?.reason;
}

async function run(visit: Visit, client: Registered, attempt: Try): Promise<View> {
  const { tries, session, issuer } = visit;
  const last = attempt.steps.at(-1);
  const acts = nextActs(attempt, client);
  const refused = last?.failed === true && attempt.steps.length > 0;
  const [tokens, why] = await Promise.all([
    shownTokens(tries, client, attempt, session.accountId),
    whyOf(visit, last),
  ]);
  const { post_logout_redirect_uris = [] } = client;
  const { id_token } = attempt.tokens ?? {};
  return {
    view: 'try/run',
    model: {
      client,
      attempt: { flow: attempt.flow, address: attempt.address, device: attempt.device },
      steps: attempt.steps.map((step, at) => ({ ...step, number: at + 1 })),
      tokens,
      scope: attempt.tokens?.scope,
      acts,
      why,
      retype: refused && acts.some(authenticates) ? needsOf(client) : {},
      ...(id_token && {
        logout: { id_token_hint: id_token, to: post_logout_redirect_uris[0] },
      }),
      issuer,
      now: epoch(),
    },
  };
}

const path = '/clients/:id/try';

export const tryPages: readonly Page[] = [
  {
    method: 'get',
    path,
    scope: 'clients:read',
    async handle(visit) {
      const client = await clientOf(visit);
      const attempt = visit.may('clients:write') && (await visit.tries.find(client.client_id));
      return attempt ? run(visit, client, attempt) : start(visit, client);
    },
  },
  {
    method: 'post',
    path,
    scope: 'clients:write',
    async handle(visit) {
      const client = await clientOf(visit);
      const apis = await knownApis(visit, client);
      const offers = offersOf(client, apis);
      const { wish, wrong, flow } = readWish(visit.form, client, { offers, apis });
      if (!wish) return start(visit, client, { wrong, flow, status: 422 });
      const { idToken } = visit.session;
      await begin({ bench: visit.tries, client, wish, idToken });
      return { go: placeOf(client.client_id, '/try') };
    },
  },
  {
    method: 'post',
    path: `${path}/end`,
    scope: 'clients:write',
    async handle(visit) {
      await visit.tries.end(idOf(visit));
      return { go: placeOf(idOf(visit), '/try') };
    },
  },
  {
    method: 'post',
    path: `${path}/next`,
    scope: 'clients:write',
    async handle(visit) {
      const client = await clientOf(visit);
      const attempt = await visit.tries.find(client.client_id);
      if (attempt) {
        const { credentials } = typedCredentials(visit.form, client);
        attempt.credentials = { ...attempt.credentials, ...credentials };
        const { accountId } = visit.session;
        const about = { bench: visit.tries, client, attempt, accountId };
        await act(visit.form.get('act') ?? '', about);
      }
      return {
        go: placeOf(client.client_id, '/try'),
        ...(!attempt && { flash: { key: 'try.over', kind: 'warning' as const } }),
      };
    },
  },
];
