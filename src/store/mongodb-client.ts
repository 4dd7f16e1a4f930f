/**
 * Connecting: how long to wait for what, and one sentence about everything that can be wrong. No
 * sentence repeats the connection string or the driver's errors, which may carry the password.
 */
import { type Db, MongoClient, type MongoClientOptions, ReadConcern } from 'mongodb';
import { isPassing } from './mongodb-error.ts';
import { prepareCollection } from './mongodb-indexes.ts';
import { type CollectionSpec, OpenError } from './store.ts';

/** The version of the documents' form; a program refuses databases with a greater one. */
const SCHEMA = 1;

/** Milliseconds; a connection string may say otherwise. Requests are to fail soon, not to pile up. */
const patience = {
  serverSelectionTimeoutMS: 3_000,
  connectTimeoutMS: 3_000,
  waitQueueTimeoutMS: 3_000,
  socketTimeoutMS: 20_000,
} satisfies MongoClientOptions;

/** What the contract rests on; a connection string cannot change it. */
const guarantees = {
  readPreference: 'primary',
  readConcern: new ReadConcern('majority'),
  writeConcern: { w: 'majority', journal: true, wtimeoutMS: 5_000 },
} as const;

interface Connection {
  readonly client: MongoClient;
  readonly db: Db;
  /** Whether the server has change streams. */
  readonly streams: boolean;
}

/** Connects and readies the collections. @throws {OpenError} */
export async function connect(url: string, specs: readonly CollectionSpec[]): Promise<Connection> {
  const client = createClient(url);
  try {
    await client.connect();
    const db = client.db(databaseOf(url), guarantees);
    await checkSchema(db);
    for (const spec of specs) await prepareCollection(db.collection(spec.name), spec);
    const { setName, msg } = await db.command({ hello: 1 });
    return { client, db, streams: setName !== undefined || msg === 'isdbgrid' };
  } catch (error) {
    const hosts = client.options.hosts.join(', ') || client.options.srvHost;
    await client.close();
    throw sentence(error, hosts ?? 'the host of STORE_URL');
  }
}

function createClient(url: string): MongoClient {
  const given = new URLSearchParams(url.split('?')[1]);
  const defaults = Object.entries(patience).filter(([name]) => !given.has(name));
  try {
    return new MongoClient(url, { appName: 'clientele', ...Object.fromEntries(defaults) });
  } catch {
    throw new OpenError(
      'STORE_URL is not a connection string – write mongodb://USER:PASSWORD@HOST:PORT/DATABASE, special characters in it percent-encoded',
    );
  }
}

/** The database a connection string names: the driver would otherwise take one called `test`. */
function databaseOf(url: string): string {
  const [, name] = /^[^/]*\/\/[^/?]*\/([^?]+)/.exec(url) ?? [];
  return name === undefined ? 'clientele' : decodeURIComponent(name);
}

async function checkSchema(db: Db): Promise<void> {
  const meta = db.collection<{ _id: string; version: number }>('_meta');
  const present =
    (await meta.findOne({ _id: 'schema' })) ??
    (await meta.findOneAndUpdate(
      { _id: 'schema' },
      { $setOnInsert: { version: SCHEMA } },
      { upsert: true, returnDocument: 'after' },
    ));
  if (present && present.version > SCHEMA) {
    throw new OpenError(
      `The database ${db.databaseName} was written by a newer version of Clientele (schema ${present.version}, this one knows ${SCHEMA}) – start that version, or restore a backup from before`,
    );
  }
}

/** What the operator reads, by the server's error code. */
const sentences: Readonly<Record<string, string>> = {
  13: 'does not let the user of STORE_URL do this – grant it the role readWrite on the database',
  18: 'refuses the user or the password of STORE_URL – correct them, or the authSource',
  8000: 'refuses the user or the password of STORE_URL – correct them',
};

function sentence(error: unknown, hosts: string): unknown {
  const { code = '', syscall, message } = error as NodeJS.ErrnoException;
  const known = sentences[code];
  if (known) return new OpenError(`MongoDB at ${hosts} ${known}`);
  // `querySrv` is the look-up of a mongodb+srv name.
  if (!isPassing(error) && syscall !== 'querySrv') return error;
  const [reason] = message.split('\n');
  return new OpenError(
    `No MongoDB answers at ${hosts} (${reason}) – start it, or correct STORE_URL`,
  );
}
