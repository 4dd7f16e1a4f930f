/**
 * Clients as files: what a file says (`read.ts`), what applying it would change (`plan.ts`), the
 * change (`write.ts`) and a file of what is stored (`export.ts`). The rules are those of every other
 * way to write a client; only the order differs: all clients are judged before the first is written.
 */
import { LineCounter, parseDocument } from 'yaml';
import { ClientFileError, type Flaw, type Report, refuse } from './flaw.ts';
import { isObject, offsetOf, toPlain } from './plain.ts';
import { readReferences, type SecretReference } from './references.ts';

/** A client as a file wants it. */
export interface WantedClient {
  metadata: Record<string, unknown>;
  /** All the secrets that it is to have; undefined leaves them alone. */
  secrets?: SecretReference[];
}

export interface ClientFile {
  clients: ReadonlyMap<string, WantedClient>;
  /** The place of what a path of keys names. */
  offset(path: readonly string[]): number;
  /** Every flaw in one error, each with its line. */
  refuse(flaws: readonly Flaw[]): ClientFileError;
}

export const MAX_BYTES = 5_000_000;

/** RFC 7591 names a plain secret so; the other two are what people try. */
const PLAIN = ['client_secret', 'secret', 'password'];

/** @throws {ClientFileError} with every mistake of its form; what clients say is judged later */
export function readClientFile(name: string, text: string): ClientFile {
  if (Buffer.byteLength(text) > MAX_BYTES) {
    throw new ClientFileError(`${name} is larger than ${MAX_BYTES / 1e6} MB – split it`);
  }
  const lines = new LineCounter();
  // Without its own "pretty" errors, which quote the text, and its search for keys that are there
  // twice, which takes quadratic time.
  const options = { lineCounter: lines, prettyErrors: false, uniqueKeys: false } as const;
  const doc = parseDocument(text, options);
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${name}:${line}:${col}`;
  };
  const syntax = [...doc.errors, ...doc.warnings].map((error) => ({
    path: [],
    offset: error.pos[0],
    facts: {
      // `BAD_INDENT` as words. Not the message: it repeats parts of the text.
      found: `text that cannot be read: ${error.code.toLowerCase().replaceAll('_', ' ')}`,
      expected: 'one YAML 1.2 document without tags (!)',
      remedy: 'look at that line and the one before it; quote text with special characters',
    },
  }));
  // One broken line makes many errors; the first ones say it.
  if (syntax.length > 0) throw refuse(name, syntax.slice(0, 5), place);

  const plain = toPlain(doc);
  if (plain.flaws.length > 0) throw refuse(name, plain.flaws, place);
  const offset = (path: readonly string[]) => offsetOf(doc, path);
  const flaws: Flaw[] = [];
  const clients = readClients(plain.value, (path, facts) => {
    flaws.push({ path, offset: offset(path), facts });
  });
  if (flaws.length > 0) throw refuse(name, flaws, place);
  return { clients, offset, refuse: (found) => refuse(name, found, place) };
}

function readClients(value: unknown, report: Report): Map<string, WantedClient> {
  const clients = new Map<string, WantedClient>();
  if (!isObject(value)) {
    report([], { expected: 'a mapping with version and clients', remedy: 'begin with version: 1' });
    return clients;
  }
  for (const key of Object.keys(value).filter((name) => !['version', 'clients'].includes(name))) {
    report([key], { found: 'a key that does not exist', expected: 'version and clients' });
  }
  if (value.version !== 1) {
    report(['version'], { expected: 'version: 1', remedy: 'write it on the first line' });
  }
  if (!isObject(value.clients)) {
    report(['clients'], {
      expected: 'clients: a mapping from client_id to properties',
      remedy: 'write clients: {} for none',
    });
    return clients;
  }
  for (const [id, client] of Object.entries(value.clients)) {
    const wanted = readClient(['clients', id], client, report);
    if (wanted) clients.set(id, wanted);
  }
  return clients;
}

function readClient(
  path: readonly string[],
  value: unknown,
  report: Report,
): WantedClient | undefined {
  if (!isObject(value)) {
    report(path, { expected: 'a mapping of properties', remedy: 'write at least type: web' });
    return undefined;
  }
  if (value.type === undefined) {
    report(path, { found: 'no type', expected: 'the type of the client', remedy: 'add type: web' });
  }
  const { secrets, ...metadata } = value;
  for (const name of PLAIN.filter((plain) => Object.hasOwn(metadata, plain))) {
    report([...path, name], {
      found: 'a secret, or a place for one',
      expected: 'no secret in a file that others can read',
      remedy:
        'remove it (and make a new one if it was real); write secrets: [{ name: main, from: { env: NAME } }]',
    });
  }
  if (secrets === undefined) return { metadata };
  return { metadata, secrets: readReferences([...path, 'secrets'], secrets, report) };
}
