/**
 * Telling what changed. This process's own changes are told by those who made them. Other
 * processes' come through a change stream for each watched collection. A standalone server has no
 * streams: there, listeners are told once a second that anything may have changed, which costs the
 * writers nothing and their readers a read a second.
 */

import { setTimeout as pause } from 'node:timers/promises';
import type { ChangeStream, ChangeStreamDocument, Db, Document } from 'mongodb';
import type { Store } from './store.ts';
import { createWatchers } from './watchers.ts';

/**
 * Milliseconds. A stream is far quicker as a rule. While a server cannot be reached nothing can be
 * told; after that, listeners hear that anything may have changed.
 */
export const STALENESS = 1_000;
/** Milliseconds before a stream that failed is opened again. */
const RETRY = 500;

/** The changes of a database. */
export interface Changes {
  watch: Store['watch'];
  tell(name: string, id: string | undefined): void;
  stop(): Promise<void>;
}

/** @param streams whether the server has change streams */
export function openChanges(db: Db, streams: boolean): Changes {
  const watchers = createWatchers(() => void stop());
  const follow = streams ? followStream : createClock;
  const followed = new Map<string, () => Promise<void>>();

  const stop = async (): Promise<void> => {
    const ends = [...followed.values()].map((end) => end());
    followed.clear();
    await Promise.all(ends);
  };

  return {
    watch(spec, listener) {
      const leave = watchers.add(spec, listener);
      const { name } = spec;
      if (!followed.has(name)) {
        followed.set(
          name,
          follow(db, name, (id) => watchers.tell(name, id)),
        );
      }
      return leave;
    },
    tell: watchers.tell,
    stop,
  };
}

type Tell = (id: string | undefined) => void;

function createClock(_db: Db, _name: string, tell: Tell): () => Promise<void> {
  const timer = setInterval(() => tell(undefined), STALENESS).unref();
  return async () => clearInterval(timer);
}

/** Tells of each event of a collection's stream, opened anew whenever it breaks. */
function followStream(db: Db, name: string, tell: Tell): () => Promise<void> {
  let stream: ChangeStream<Document, Event> | undefined;
  const ended = new AbortController();

  const read = async (): Promise<void> => {
    stream = db.collection(name).watch<Document, Event>([{ $project: { documentKey: 1 } }], {
      maxAwaitTimeMS: STALENESS / 2,
    });
    const first = await stream.tryNext();
    // The stream is open now. What happened before is not in it.
    tell(undefined);
    if (first) tell(first.documentKey?._id);
    for await (const event of stream) tell(event.documentKey?._id);
  };

  const keepReading = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      // The server is away, or no longer has the events since the last one; or this is the end.
      await read().catch(() => {});
      await stream?.close().catch(() => {});
      await pause(RETRY, undefined, { ref: false, signal: ended.signal }).catch(() => {});
    }
  };

  void keepReading();
  return async () => {
    ended.abort();
    await stream?.close().catch(() => {});
  };
}

/** An event without a document, as when the collection is dropped, may mean any. */
type Event = ChangeStreamDocument<Document> & { readonly documentKey?: { readonly _id: string } };
