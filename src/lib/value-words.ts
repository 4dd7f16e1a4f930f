/** What a schema finds wrong with a value, in words. */
import type { z } from 'zod';
import { type Said, type Wording, wordings } from './wording.ts';

/** What our own schemas ask of a value beyond its type: what it must be, said at the value. */
export const valueTexts = {
  visible: 'no control, invisible or direction-changing characters',
  seen: 'something that can be seen',
  https: 'an https URL (http only on loopback)',
  https_always: 'an https URL, also on loopback',
  no_fragment: 'an address without a fragment',
  absolute_uri: 'an absolute URI without fragment (RFC 8707, section 2)',
  no_repetition: 'lists a value twice',
  scope_twice: 'lists a scope twice',
  type_twice: 'lists a type twice',
  name_twice: 'lists a name twice',
  key_length: 'at most 16384 characters',
  key_depth: 'at most 8 levels',
  scopes: 'scopes with single spaces',
  scope_token: 'printable ASCII without space, quote and back-slash',
  scope: 'a scope (RFC 6749, section 3.3)',
  acr: 'no spaces, quotes or back-slashes',
  ten_keys: 'at most 10 keys',
  many_names: 'at most 200 names',
  reserved: 'not __proto__, constructor, prototype',
  whole_characters: 'no NUL characters and no halves of characters',
  tag: 'up to 32 letters, digits, ".", "_", ":" or "-"',
  detail_type: 'letters, digits and _ . : / ~ -, a letter first',
  field_name: 'letters, digits and _, a letter first',
  language: 'a language, such as de',
  languages: 'a text for en, and for at most 39 other languages',
  host: 'a host name in lower case without port, such as app.example.com',
  birthdate: 'YYYY-MM-DD, YYYY or 0000-MM-DD',
} as const;

const own = wordings(
  Object.fromEntries(
    Object.entries(valueTexts).map(([name, detail]) => [name, { detail, fix: detail }]),
  ) as { [Name in keyof typeof valueTexts]: { detail: string; fix: string } } satisfies Record<
    string,
    Wording
  >,
);
const ownByText = new Map<string, keyof typeof own>(
  Object.entries(valueTexts).map(([name, text]) => [text, name as keyof typeof own]),
);

const kinds = wordings({
  missing: { detail: 'is missing', fix: 'a value of the type {expected}' },
  wrong_type: {
    detail: 'is of the type {received}, not {expected}',
    fix: 'a value of the type {expected}',
  },
  too_many: { detail: 'has too many items', fix: 'at most {most}' },
  too_few: { detail: 'has too few items', fix: 'at least {least}' },
  too_long: { detail: 'has too many characters', fix: 'at most {most}' },
  too_short: { detail: 'has too few characters', fix: 'at least {least}' },
  too_high: { detail: 'is too large a number', fix: 'at most {most}' },
  too_low: { detail: 'is too small a number', fix: 'at least {least}' },
  not_listed: { detail: 'is none of the possible values', fix: 'one of {values}' },
  only: { detail: 'is none of the possible values', fix: '{value}' },
  email: { detail: 'is not an e-mail address', fix: 'an address such as name@example.com' },
  url: { detail: 'is not a URL', fix: 'an absolute URL' },
  unknown: { detail: 'is not known here', fix: 'remove it' },
});

/** All that can be said of a value. */
export const valueWordings = { ...kinds, ...own };
const says = valueWordings;

const tooMuch = { string: says.too_long, array: says.too_many } as Readonly<
  Record<string, typeof says.too_long>
>;
const tooLittle = { string: says.too_short, array: says.too_few } as Readonly<
  Record<string, typeof says.too_short>
>;

/** What a schema's issue says: in our words where we have some, else in those of the schema. */
export function sayIssue(issue: z.core.$ZodIssue): Said | { detail: string; fix?: string } {
  const { message } = issue;
  const name = ownByText.get(message);
  if (name) return says[name]();
  switch (issue.code) {
    case 'invalid_type': {
      const { expected } = issue;
      const [, received = 'undefined'] = /received (\w+)$/.exec(message) ?? [];
      return received === 'undefined'
        ? says.missing({ expected })
        : says.wrong_type({ expected, received });
    }
    case 'too_big':
      return (tooMuch[issue.origin] ?? says.too_high)({ most: String(issue.maximum) });
    case 'too_small':
      return (tooLittle[issue.origin] ?? says.too_low)({ least: String(issue.minimum) });
    case 'invalid_value':
      return issue.values.length > 1
        ? says.not_listed({ values: issue.values.map(String).join(', ') })
        : says.only({ value: String(issue.values[0]) });
    case 'invalid_key': {
      const [inner] = issue.issues;
      return inner ? sayIssue(inner) : { detail: message };
    }
    case 'invalid_format':
      if (issue.format === 'email') return says.email();
      return issue.format === 'url' ? says.url() : { detail: message, fix: message };
    default:
      return { detail: message, fix: message };
  }
}
