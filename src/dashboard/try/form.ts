import type { Wish } from './begin.ts';
import { needsOf, readKey } from './credentials.ts';
import type { Api, Flow, Offer } from './offers.ts';
import type { Registered } from './registered.ts';
import type { Credentials } from './try.ts';

/** What is wrong with a form, by field; each a text below `dashboard.try.wrong`. */
export type Wrong = Partial<Record<'secret' | 'key' | 'scope', string>>;

/** Longest value that is taken from a form. */
const LONGEST = 2048;
const KEY = 16_384;

/** The secret and key of a form, if it brings any. */
export function typedCredentials(
  form: URLSearchParams,
  client: Registered,
): { credentials: Credentials; wrong: Wrong } {
  const needs = needsOf(client);
  const secret = (form.get('secret') ?? '').slice(0, LONGEST);
  const typed = (form.get('key') ?? '').slice(0, KEY);
  const key = needs.key && typed.trim() !== '' ? readKey(typed) : undefined;
  return {
    credentials: { ...(needs.secret && secret && { secret }), ...(key && { key }) },
    wrong: {
      ...(needs.secret && secret === '' && { secret: 'secret' }),
      ...(needs.key && !key && { key: typed.trim() === '' ? 'key' : 'no_key' }),
    },
  };
}

const chosen = <T extends string>(value: string | null, choices: readonly T[]): T | undefined =>
  choices.find((choice) => choice === value);

/** What must be said, since the client may not have what goes without saying. */
function unusual({ response_modes }: Registered, type: string): string | undefined {
  const usual = type === 'code' ? 'query' : 'fragment';
  return response_modes?.includes(usual) ? undefined : response_modes?.[0];
}

/** What a form asks for; what is not offered is as if it was not asked for. */
export function readWish(
  form: URLSearchParams,
  client: Registered,
  { offers, apis }: { offers: readonly Offer[]; apis: readonly Api[] },
): { wish?: Wish; wrong: Wrong; flow?: Flow } {
  const offer = offers.find(({ flow }) => flow === form.get('flow'));
  if (!offer) return { wrong: {} };
  const { credentials, wrong } = typedCredentials(form, client);
  const text = (name: string) => (form.get(name) ?? '').trim().slice(0, LONGEST);
  const resource = chosen(
    form.get('resource'),
    apis.map(({ identifier }) => identifier),
  );
  const prompt = chosen(form.get('prompt'), ['login', 'consent', 'none']);
  const scope = text('scope');
  // RFC 6749, section 3.3
  const scopeWrong = /^[\x21\x23-\x5b\x5d-\x7e ]*$/.test(scope) ? {} : { scope: 'scope' };
  const all = { ...wrong, ...scopeWrong };
  if (Object.keys(all).length > 0) return { wrong: all, flow: offer.flow };
  const response_type =
    chosen(form.get('response_type'), offer.responseTypes) ?? offer.responseTypes[0] ?? 'code';
  const mode =
    chosen(form.get('response_mode'), offer.responseModes) ?? unusual(client, response_type);
  const wish: Wish = {
    flow: offer.flow,
    credentials,
    scope,
    response_type,
    redirect_uri:
      chosen(form.get('redirect_uri'), offer.redirectUris) ?? offer.redirectUris[0] ?? '',
    ...(resource && { resource }),
    ...(mode && { response_mode: mode }),
    ...(prompt && { prompt }),
    ...(text('binding_message') && { binding_message: text('binding_message') }),
  };
  return { wish, wrong: {}, flow: offer.flow };
}
