/**
 * The pages' own texts are in `locales/LANGUAGE/dashboard`. What they show of the API is English, since
 * the API speaks nothing else and its sentences have their one source in the code: titles and help of
 * properties, rules and what they find, reasons of failures, options. What a language calls them is in
 * `locales/LANGUAGE/api`, by the name that each has there, with the values in places of the same name:
 * a violation says which sentence of its rule it is (`case`) and what it was made with (`values`).
 * Templates say such a text by `say(key, english, values)`; without one, the English stands there and
 * is marked as English. `test/locales.test.ts` names every text that a language lacks.
 *
 * Here is what the dashboard itself finds wrong before it asks the API, in the same form.
 */
import { wordings } from '../lib/wording.ts';

export const formWordings = wordings({
  not_a_number: { detail: 'is not a whole number' },
  not_json: {
    detail: 'is not JSON',
    fix: 'Names and texts stand in double quotes; no comma after the last member.',
  },
  no_keys: {
    detail: 'is neither JSON nor an https address',
    fix: 'paste the whole JWK Set, from the first brace to the last',
  },
});
