/**
 * What the schema cannot say of one option alone. Adding a rule is adding a row to the table below.
 */
import type { ReadFile } from './file.ts';
import { type Mistake, show } from './mistakes.ts';
import { mtlsRules } from './mtls-rules.ts';
import type { OptionMeta } from './schema.ts';

/** What the rules may look at. */
export interface Facts {
  /** Whether a layer sets the option, rightly or wrongly. */
  given(name: string): boolean;
  /** The value in force; undefined when the option is absent or its value is mistaken. */
  value(name: string): unknown;
  /** Where the value stands, in words. */
  source(name: string): string;
  /** What the schema says of it. */
  meta(name: string): OptionMeta;
  readFile: ReadFile;
}

/** One thing that must hold between options; what it returns is a mistake. */
export type Rule = (facts: Facts) => Omit<Mistake, 'source'> | undefined;

const bothOrNeither =
  (one: string, other: string): Rule =>
  ({ given, meta, source }) => {
    if (given(one) === given(other)) return undefined;
    const [present, missing] = given(one) ? [one, other] : [other, one];
    return {
      path: missing,
      found: 'nothing',
      expected: `a value, since ${present} is set (${source(present)})`,
      remedy: `set ${meta(missing).env ?? missing} too, or neither of them`,
    };
  };

const readable =
  (name: string, kind: string): Rule =>
  ({ value, readFile }) => {
    const path = value(name);
    if (typeof path !== 'string') return undefined;
    try {
      readFile(path);
      return undefined;
    } catch (error) {
      return {
        path: name,
        found: `${show(path)}, which cannot be read (${(error as NodeJS.ErrnoException).code})`,
        expected: `the path of a readable ${kind}`,
        remedy: "give the file's path, not its content, and let this process read it",
      };
    }
  };

const longEnoughPassword: Rule = ({ value }) => {
  const [password, least] = [value('admin.password'), value('passwords.min_length')];
  if (typeof password !== 'string' || typeof least !== 'number') return undefined;
  if ([...password].length >= least) return undefined;
  return {
    path: 'admin.password',
    found: '(hidden)',
    expected: `at least ${least} characters (passwords.min_length)`,
    remedy: 'choose a longer one, or leave it out: it is then generated and printed once',
  };
};

// An embedded store keeps a generated key beside itself; a shared one has no such place, and each
// process would make its own.
const keyForSharedStore: Rule = ({ given, meta, value }) =>
  given('secrets_key') || !String(value('store_url')).startsWith('mongodb')
    ? undefined
    : {
        path: 'secrets_key',
        found: 'nothing',
        expected: 'a key that every process shares, since store_url names a MongoDB',
        remedy: `set SECRETS_KEY and keep it, what it encrypts is lost without it; ${meta('secrets_key').remedy}`,
      };

const oneProcessInMemory: Rule = ({ value }) => {
  const workers = value('workers');
  if (!String(value('store_url')).startsWith('memory:')) return undefined;
  if (typeof workers !== 'number' || workers === 1) return undefined;
  return {
    path: 'workers',
    found: show(workers),
    expected: '1, since processes cannot share a memory: store',
    remedy: 'set workers to 1, or STORE_URL to sqlite:PATH or mongodb://…',
  };
};

const rules: readonly Rule[] = [
  bothOrNeither('http.tls_cert', 'http.tls_key'),
  readable('http.tls_cert', 'PEM file'),
  readable('http.tls_key', 'PEM file'),
  readable('tokens.claims_module', 'ES module'),
  keyForSharedStore,
  oneProcessInMemory,
  longEnoughPassword,
  bothOrNeither('admin.client_id', 'admin.client_secret'),
  ...mtlsRules,
];

/** Every rule that is broken, all at once. */
export const breakRules = (facts: Facts): Mistake[] =>
  rules.flatMap((rule) => {
    const mistake = rule(facts);
    return mistake ? [{ ...mistake, source: facts.source(mistake.path) }] : [];
  });
