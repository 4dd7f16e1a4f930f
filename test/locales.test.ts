/** What the code says in English has a text in every other language, by the same name. */
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { actions } from '../src/audit/actions.ts';
import { loadLanguages } from '../src/web/locale.ts';
import { sources } from './support/english.ts';

const placesOf = (text: string) =>
  [...new Set(text.match(/\{\w+\}/g) ?? [])].sort((one, other) => (one < other ? -1 : 1));

const languages = loadLanguages(join(import.meta.dirname, '..', 'locales'), 'en');

describe.each(languages.codes.filter((code) => code !== 'en'))('in %s', (code) => {
  const { messages } = languages.get(code);

  test.each(Object.entries(sources))('every one of the %s has a text', (_, texts) => {
    const missing = texts.filter(([key]) => !messages.has(key));
    expect(missing.map(([key, english]) => `locales/${code}/api lacks ${key}: ${english}`)).toEqual(
      [],
    );
  });

  test('a text has the values of the English one', () => {
    const others = Object.values(sources)
      .flat()
      .filter(([key]) => !key.startsWith('api.problems.'))
      .flatMap(([key, english]) => {
        const [wanted, found] = [english, messages.get(key) ?? english].map(placesOf);
        return String(wanted) === String(found) ? [] : [`${key}: ${found} instead of ${wanted}`];
      });
    expect(others).toEqual([]);
  });

  test('there is no text of what nobody says', () => {
    const known = new Set(Object.values(sources).flatMap((texts) => texts.map(([key]) => key)));
    const left = [...messages.keys()].filter((key) => key.startsWith('api.') && !known.has(key));
    expect(left).toEqual([]);
  });
});

test('an English text of the code has no place that is no name', () => {
  for (const [key, english] of Object.values(sources).flat()) {
    expect([key, english.replace(/\{\w+\}/g, '')]).toEqual([
      key,
      expect.not.stringMatching(/[{}]/),
    ]);
  }
});

test.each(actions)('%s has words in the audit', (action) => {
  for (const code of languages.codes) {
    expect(languages.get(code).messages.has(`dashboard.audit.actions.${action}`)).toBe(true);
  }
});

describe('what the code says', () => {
  const { said } = languages.speech('de');

  test('is said in the language of the page, its values escaped', () => {
    const key = 'api.rules.own-resource.scope.detail';
    expect(said(key, 'must keep <b>', { scope: '<b>' })).toBe('muss <bdi>&lt;b&gt;</bdi> behalten');
  });

  test.each([
    ['has no text', 'api.rules.of-tomorrow.odd.detail', {}],
    ['lacks a value, since it was kept before there were any', 'api.reasons.method.detail', {}],
  ])('is marked as English where it %s', (_, key, values) => {
    expect(said(key, 'it is <odd>', values)).toBe('<bdi lang="en">it is &lt;odd&gt;</bdi>');
    expect(languages.speech('en').said(key, 'it is odd', values)).toBe('<bdi>it is odd</bdi>');
  });

  test('marks what the engine said as English within the sentence', () => {
    expect(said('api.reasons.dpop.detail', 'The …', { words: 'no proof' })).toContain(
      'nicht angenommen: <bdi lang="en">no proof</bdi>.',
    );
  });
});
