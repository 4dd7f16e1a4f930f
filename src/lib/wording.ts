/**
 * Sentences that are made with values. English is written here in the code, once, and is what every
 * program is told; beside the sentence travel the name of it and its values, so that whoever shows it
 * to people can make the same sentence in their language.
 */

/** What is wrong and what to do, in English, with `{name}` where a value stands. */
export interface Wording {
  detail: string;
  fix?: string;
}

/** A sentence as it is told: made, and what it was made of. */
export interface Said {
  /** Which of the sentences of its rule; stable. */
  case: string;
  values?: Readonly<Record<string, string>>;
  detail: string;
  fix?: string;
}

type Names<Text> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Names<Rest>
  : never;
type NamesOf<W> = Names<W[keyof W]>;

/** What says a sentence, given just the values that it names. */
type Say<W> = (
  ...values: [NamesOf<W>] extends [never] ? [] : [{ [Name in NamesOf<W>]: string | number }]
) => Said;

export type Wordings<T> = {
  readonly [Case in keyof T]: Say<T[Case]> & { readonly wording: Wording };
};

/** Wordings, whichever they are. */
export type AnyWordings = Readonly<Record<string, { readonly wording: Wording }>>;

/** A text with its values in their places; one that is not given is left out. */
export const fill = (text: string, values: Readonly<Record<string, unknown>>): string =>
  text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));

function say(
  name: string,
  { detail, fix }: Wording,
  given?: Record<string, string | number>,
): Said {
  const values = Object.fromEntries(
    Object.entries(given ?? {}).map(([key, value]) => [key, String(value)]),
  );
  return {
    case: name,
    ...(given && { values }),
    detail: fill(detail, values),
    ...(fix !== undefined && { fix: fill(fix, values) }),
  };
}

/** The sentences of a rule, by case: `says.too_short({ least: 8 })`. */
export const wordings = <const T extends Readonly<Record<string, Wording>>>(
  texts: T,
): Wordings<T> =>
  Object.fromEntries(
    Object.entries(texts).map(([name, wording]) => [
      name,
      Object.assign((given?: Record<string, string | number>) => say(name, wording, given), {
        wording,
      }),
    ]),
  ) as unknown as Wordings<T>;
