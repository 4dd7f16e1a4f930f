import {
  type Document,
  isMap,
  isPair,
  isScalar,
  LineCounter,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml';
import { readKeys } from './keys.ts';
import { broken, type Layer, nothing } from './layer.ts';
import { kindOf, type Mistake } from './mistakes.ts';
import type { Section } from './options.ts';

/** The layer that a YAML text is. @param path where it stands */
export function readConfigText(path: string, text: string, options: Section): Layer {
  const lines = new LineCounter();
  // Without its own "pretty" errors, which quote the text: the text may be a secret.
  const doc = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number) => `${path}:${lines.linePos(offset).line}`;

  const syntax = [...doc.errors, ...doc.warnings].find(({ code }) => code !== 'DUPLICATE_KEY');
  if (syntax) {
    const { line, col } = lines.linePos(syntax.pos[0]);
    return broken(notYaml(path, `${path}:${line}:${col}`, syntax));
  }
  if (isScalar(doc.contents) && doc.contents.value === null) return nothing;
  if (doc.contents === null) return nothing;
  if (!isMap(doc.contents)) {
    return broken({
      path,
      source: at(0),
      found: kindOf(doc.contents.toJS(doc)),
      expected: 'a mapping of options',
      remedy: 'write "option: value" lines; config/default.yaml shows every option',
    });
  }
  const { settings, mistakes } = readKeys(doc, doc.contents, options, at);
  const repeated = doc.errors.map((error) => duplicate(doc, error, at));
  return { settings, mistakes: [...repeated, ...mistakes], complete: true };
}

const notYaml = (path: string, source: string, error: YAMLError): Mistake => ({
  path,
  source,
  // `BAD_INDENT` as words. Not the message, for it too repeats parts of the text.
  found: `text that is not YAML: ${error.code.toLowerCase().replaceAll('_', ' ')}`,
  expected: 'one YAML document',
  remedy: 'look at that line and the one before it; put text with special characters in quotes',
});

function duplicate(doc: Document, error: YAMLError, at: (offset: number) => string): Mistake {
  let name = '';
  visit(doc, {
    Pair(_, pair, ancestors) {
      if (!isScalar(pair.key) || pair.key.range?.[0] !== error.pos[0]) return undefined;
      const keys = [...ancestors.filter(isPair).map((above) => above.key), pair.key];
      name = keys.map((key) => (isScalar(key) ? String(key.value) : '')).join('.');
      return visit.BREAK;
    },
  });
  return {
    path: name,
    source: at(error.pos[0]),
    found: 'the key a second time',
    expected: 'each key once',
    remedy: 'remove one of the two',
  };
}
