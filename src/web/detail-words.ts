import {
  type DetailType,
  type Field,
  type Leaf,
  listMembers,
  placeholders,
  type Words,
} from '../clients/detail-type.ts';
import type { Detail } from '../clients/detail-values.ts';
import type { DetailModel, DetailValue } from './consent-models.ts';

/** Words in a language; where it has none, in English. */
function inLanguage(words: Words, locale: string): string {
  if (typeof words === 'string') return words;
  const codes = [locale, locale.split('-', 1)[0] ?? '', 'en'];
  return codes.map((code) => words[code]).find((text) => text !== undefined) ?? '';
}

type Format = (value: unknown, locale: string) => DetailValue;

const number: Format = (value, locale) =>
  new Intl.NumberFormat(locale, { maximumFractionDigits: 20 }).format(value as number);

/** How a value is written for people; the text of others is what it is. */
const formats: Readonly<Partial<Record<Leaf['type'], Format>>> = {
  boolean: (value) => value === true,
  number,
  integer: number,
  // Every digit that was asked for, and none more: 1.234 is not read as a thousand.
  amount: (value, locale) =>
    new Intl.NumberFormat(locale, {
      minimumFractionDigits: String(value).split('.')[1]?.length ?? 0,
      maximumFractionDigits: 6,
    }).format(value as Intl.StringNumericLiteral),
  date: (value, locale) =>
    new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' }).format(
      new Date(String(value)),
    ),
};

interface Fact {
  /** As a sentence names it. */
  path: string;
  name: string;
  label: string | undefined;
  values: DetailValue[];
}

const valuesOf = (value: unknown, type: Leaf['type'], locale: string): DetailValue[] =>
  [value]
    .flat()
    .map((one) => formats[type]?.(one, locale) ?? (typeof one === 'string' ? one : String(one)));

/** What the resource calls values that it has listed. */
const namesOf = (values: readonly DetailValue[], { names }: DetailType, locale: string) =>
  values.map((value) => {
    const known = Object.hasOwn(names, String(value)) && names[String(value)];
    return known ? inLanguage(known, locale) : value;
  });

function* factsOf(
  type: DetailType,
  field: Field,
  value: unknown,
  locale: string,
  before = '',
): Generator<Fact> {
  if (value === undefined) return;
  const { name } = field;
  const path = before + name;
  if (field.type === 'object') {
    for (const leaf of field.fields) {
      const member = (value as Record<string, unknown>)[leaf.name];
      yield* factsOf(type, leaf, member, locale, `${path}.`);
    }
    return;
  }
  const label = field.label && inLanguage(field.label, locale);
  const values = valuesOf(value, field.type, locale);
  yield { path, name, label, values: field.enum ? namesOf(values, type, locale) : values };
}

/** All that a detail says, in the order of its type. */
function allFacts(type: DetailType, detail: Detail, locale: string): Fact[] {
  const common = listMembers.flatMap((name): Fact[] => {
    const values = (detail[name] ?? []) as string[];
    const said = { path: name, name, label: undefined };
    return values.length > 0 ? [{ ...said, values: namesOf(values, type, locale) }] : [];
  });
  const { identifier } = detail;
  const about = { path: 'identifier', name: 'identifier', label: undefined };
  return [
    ...common,
    ...(typeof identifier === 'string' ? [{ ...about, values: [identifier] }] : []),
    ...type.fields.flatMap((field) => [...factsOf(type, field, detail[field.name], locale)]),
  ];
}

/** A detail of a type that its resource has taken back meanwhile: as it is. */
const undeclared = (detail: Detail): DetailModel => ({
  title: detail.type,
  sentence: [],
  facts: Object.entries(detail).flatMap(([name, value]) =>
    ['type', 'locations'].includes(name)
      ? []
      : [{ name, values: [typeof value === 'string' ? value : JSON.stringify(value)] }],
  ),
});

/**
 * A detail in words: the sentence of its type with the values in it, then whatever else it says, so
 * that nothing is allowed that was not shown. Values stay apart from words, for pages to tell them.
 */
export function sayDetail(
  type: DetailType | undefined,
  detail: Detail,
  locale: string,
): DetailModel {
  if (!type) return undeclared(detail);
  const facts = allFacts(type, detail, locale);
  const sentence = inLanguage(type.sentence, locale);
  const named = placeholders(sentence);
  const parts = sentence.split(/\{([^{}]*)\}/).flatMap((part, index): DetailModel['sentence'] => {
    if (index % 2 === 0) return part ? [{ text: part }] : [];
    return [{ values: facts.find(({ path }) => path === part)?.values ?? ['–'] }];
  });
  return {
    title: inLanguage(type.title, locale),
    sentence: parts,
    facts: facts
      .filter(({ path }) => !named.includes(path))
      .map(({ name, label, values }) => ({ name, label, values })),
  };
}
