import { type Collection, ConflictError, DuplicateError, type WriteOptions } from './store.ts';

/** What is gathered in memory and added to documents now and then, so that nothing waits for it. */
export interface Gathered<T> {
  /** What is not written yet of a document. */
  get(id: string): T | undefined;
  set(id: string, value: T): void;
  /** How many documents have something to be written. */
  size(): number;
  flush(): Promise<void>;
  /** Writes what is left; nothing is written of itself any more. */
  close(): Promise<void>;
}

export interface GatherOptions<T> {
  /** What a document becomes by what was gathered. */
  add(stored: T, gathered: T): T;
  /** Milliseconds between two writes. */
  every: number;
  /** Told of a write that did not work; what it held is lost. */
  failed(error: unknown): void;
  /** For documents that this makes. */
  options?: WriteOptions;
}

/** Attempts at a document that others are writing as well. */
const ATTEMPTS = 5;

export function gather<T>(collection: Collection<T>, how: GatherOptions<T>): Gathered<T> {
  let gathered = new Map<string, T>();
  let writing: Promise<void> = Promise.resolve();

  async function write(id: string, value: T): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const before = await collection.get(id);
      try {
        if (before) await collection.update(id, before.version, how.add(before.value, value));
        else await collection.insert(id, value, how.options);
        return;
      } catch (error) {
        const raced = error instanceof ConflictError || error instanceof DuplicateError;
        if (!raced || attempt === ATTEMPTS) throw error;
      }
    }
  }

  const flush = (): Promise<void> => {
    const batch = gathered;
    gathered = new Map();
    writing = writing.then(async () => {
      for (const [id, value] of batch) await write(id, value).catch(how.failed);
    });
    return writing;
  };
  const timer = setInterval(() => void flush(), how.every);
  timer.unref();

  return {
    get: (id) => gathered.get(id),
    set: (id, value) => void gathered.set(id, value),
    size: () => gathered.size,
    flush,
    async close() {
      clearInterval(timer);
      await flush();
    },
  };
}
