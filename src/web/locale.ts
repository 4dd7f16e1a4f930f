import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One language: its texts by dotted key, such as `login.title`. */
export interface Language {
  /** BCP 47, as in the file's name. */
  readonly code: string;
  readonly dir: 'ltr' | 'rtl';
  readonly messages: ReadonlyMap<string, string>;
}

export interface Languages {
  /** Codes of all languages, the default first. */
  readonly codes: readonly string[];
  /** The language of a code; the default one when there is none such. */
  get(code: string): Language;
  /** What says its texts; one that a language lacks is said in the default one. */
  speech(code: string): Speech;
  /**
   * The language to speak: the first known one of `ui_locales` (OpenID Connect Core 3.1.2.1, best
   * first), else of the Accept-Language header by its weights, else the default.
   */
  negotiate(uiLocales: string | undefined, acceptLanguage: string | undefined): string;
}

/** What stands for the `{name}`s of a text. */
export type Parameters = Readonly<Record<string, unknown>>;

/** How one language says things. A key without a text is said as it is. */
export interface Speech {
  has(key: string): boolean;
  /** Markup: the text and its parameters escaped, the latter in `<bdi>` of their own direction. */
  html(key: string, parameters?: Parameters): string;
  /** Plain text, for titles and attributes; not escaped. */
  text(key: string, parameters?: Parameters): string;
  /**
   * Markup of what the code says in English: this language's own text of it, else the English, marked
   * as such for who has the page read aloud. A text is not used that needs a value which is not there;
   * of the values, `words` are English themselves.
   */
  said(key: string, english: string | undefined, parameters?: Parameters): string;
  /** Day and time in UTC, since the server does not know where the reader is. */
  date(value: Date): string;
  /** A wait in whole minutes, "1 minute" at least. */
  minutes(seconds: number): string;
  /** How long something lasts: in hours when it is whole hours, else in minutes. */
  duration(seconds: number): string;
}

/** Nobody lists this many languages in good faith; the rest is not read. */
const LONGEST_LIST = 1000;

/**
 * Reads every `<code>.json` of a folder, and the folder `<code>` beside it, if there is one. JSON, since
 * every start reads them all.
 * @throws {Error} naming the file and what is wrong
 */
export function loadLanguages(folder: string, defaultCode: string): Languages {
  const languages = new Map(
    readdirSync(folder)
      .filter((file) => file.endsWith('.json'))
      .map((file) => readLanguage(folder, file))
      .map((language) => [language.code.toLowerCase(), language]),
  );
  const fallback = languages.get(defaultCode.toLowerCase());
  if (!fallback) {
    throw new Error(`No language ${defaultCode} in ${folder} – add ${defaultCode}.json`);
  }
  const get = (code: string) => languages.get(code.toLowerCase()) ?? fallback;
  const codes = [...new Set([fallback, ...languages.values()])].map(({ code }) => code);
  return {
    codes,
    get,
    speech: (code) => createSpeech(get(code), fallback),
    negotiate: (uiLocales, acceptLanguage) =>
      [...uiLocalesOf(uiLocales), ...acceptedOf(acceptLanguage)]
        .map((range) => lookUp(codes, range))
        .find((code) => code !== undefined) ?? fallback.code,
  };
}

function readLanguage(folder: string, file: string): Language {
  const { dir, ...texts } = readTexts(folder, file);
  if (dir !== 'ltr' && dir !== 'rtl') throw new Error(`${file}: dir is ltr or rtl`);
  const code = file.slice(0, -'.json'.length);
  return { code, dir, messages: new Map([...flatten(texts, file), ...readParts(folder, code)]) };
}

function readTexts(folder: string, file: string): Record<string, unknown> {
  const text = readFileSync(join(folder, file), 'utf8');
  try {
    const texts: unknown = JSON.parse(text);
    if (texts && typeof texts === 'object') return texts as Record<string, unknown>;
  } catch (error) {
    throw new Error(`${file} is not JSON: ${(error as Error).message}`);
  }
  throw new Error(`${file}: an object of texts is expected`);
}

/** What is too much for one file: `CODE/a/b.json` holds the texts whose keys begin with `a.b.`. */
function* readParts(folder: string, code: string): Generator<[string, string]> {
  const own = join(folder, code);
  if (!existsSync(own)) return;
  for (const file of readdirSync(own, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.json')) continue;
    const prefix = file.slice(0, -'json'.length).replaceAll(/[\\/]/g, '.');
    yield* flatten(readTexts(folder, join(code, file)), `${code}/${file}`, prefix);
  }
}

function* flatten(texts: object, file: string, prefix = ''): Generator<[string, string]> {
  for (const [name, value] of Object.entries(texts)) {
    const key = prefix + name;
    if (typeof value === 'string') yield [key, value];
    else if (value && typeof value === 'object') yield* flatten(value, file, `${key}.`);
    else throw new Error(`${file}: ${key} is not a text – put it in quotes`);
  }
}

function createSpeech({ code, messages }: Language, fallback: Language): Speech {
  const find = (key: string) => messages.get(key) ?? fallback.messages.get(key);
  const dates = new Intl.DateTimeFormat(code, {
    dateStyle: 'long',
    timeStyle: 'long',
    timeZone: 'UTC',
  });
  const counter = (unit: string) => {
    const format = new Intl.NumberFormat(code, { style: 'unit', unit, unitDisplay: 'long' });
    return (count: number) => format.format(count);
  };
  const isEnglish = /^en\b/i.test(code);
  const foreign = (text: string) =>
    `<bdi${isEnglish ? '' : ' lang="en"'}>${escapeMarkup(text)}</bdi>`;
  const [inMinutes, inHours] = [counter('minute'), counter('hour')];
  const minutes = (seconds: number) => inMinutes(Math.max(1, Math.ceil(seconds / 60)));
  return {
    has: (key) => find(key) !== undefined,
    html: (key, parameters = {}) =>
      insert(
        escapeMarkup(find(key) ?? key),
        parameters,
        (value) => `<bdi>${escapeMarkup(value)}</bdi>`,
      ),
    said(key, english, parameters = {}) {
      if (english === undefined || english === null) return '';
      const text = messages.get(key);
      const whole = text && placesOf(text).every((name) => Object.hasOwn(parameters, name));
      if (!text || !whole) return foreign(english);
      return insert(escapeMarkup(text), parameters, (value, name) =>
        name === 'words' ? foreign(value) : `<bdi>${escapeMarkup(value)}</bdi>`,
      );
    },
    text: (key, parameters = {}) => insert(find(key) ?? key, parameters, (value) => value),
    date: (value) => dates.format(value),
    minutes,
    duration: (seconds) =>
      seconds > 0 && seconds % 3600 === 0 ? inHours(seconds / 3600) : minutes(seconds),
  };
}

const PLACE = /\{(\w+)\}/g;

const placesOf = (text: string): string[] =>
  [...text.matchAll(PLACE)].map(([, name]) => name as string);

const insert = (
  text: string,
  parameters: Parameters,
  wrap: (value: string, name: string) => string,
): string => text.replace(PLACE, (_, name: string) => wrap(String(parameters[name] ?? ''), name));

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escapeMarkup = (text: string): string =>
  text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? '');

const uiLocalesOf = (list = ''): string[] => list.slice(0, LONGEST_LIST).split(' ').filter(Boolean);

/** The ranges of an Accept-Language header, best first (RFC 9110, 12.5.4); `q=0` is a refusal. */
function acceptedOf(header = ''): string[] {
  return header
    .slice(0, LONGEST_LIST)
    .split(',')
    .map((item) => {
      const [range = '', ...parameters] = item.split(';').map((part) => part.trim());
      const q = parameters.find((parameter) => /^q=/i.test(parameter))?.slice(2);
      return { range, weight: q === undefined ? 1 : Number(q) };
    })
    .filter(({ range, weight }) => range !== '' && weight > 0 && weight <= 1)
    .sort((a, b) => b.weight - a.weight)
    .map(({ range }) => range);
}

/**
 * RFC 4647, 3.4 (de-Latn-AT, de-Latn, de), then any regional form of the language asked for. `*`
 * means the default.
 */
function lookUp(codes: readonly string[], range: string): string | undefined {
  if (range === '*') return codes[0];
  const subtags = range.toLowerCase().split('-');
  const prefixes = subtags.map((_, cut) => subtags.slice(0, subtags.length - cut).join('-'));
  const exact = prefixes
    .map((prefix) => codes.find((code) => code.toLowerCase() === prefix))
    .find((code) => code !== undefined);
  return exact ?? codes.find((code) => code.toLowerCase().startsWith(`${subtags[0]}-`));
}
