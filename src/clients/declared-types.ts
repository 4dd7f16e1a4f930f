import type { CollectionSpec, Store } from '../store/store.ts';
import type { Resource } from './resource.ts';

/** Which resources declare a type of authorization details: by type, the identifiers. */
export type TypeTable = ReadonlyMap<string, readonly string[]>;

/** All declared types, as this process knows them: as old as `Store.staleness` allows, at most. */
export interface DeclaredTypes {
  /** As last read; the same object until then. */
  current(): TypeTable;
  /** Whether no resource has changed since. */
  isCurrent(): boolean;
  /** Reads anew when a resource has changed; undefined, and nothing to wait for, while none has. */
  refresh(): Promise<void> | undefined;
  /** Tells of each new table, before anybody can read it. */
  follow(listener: (table: TypeTable) => void): void;
  /** Makes the next `refresh` read; for the writer's own process. */
  forget(): void;
  close(): void;
}

export function createDeclaredTypes(store: Store, spec: CollectionSpec): DeclaredTypes {
  const collection = store.collection<Resource>(spec);
  let table: TypeTable = new Map();
  const listeners: ((table: TypeTable) => void)[] = [];
  let isCurrent = false;
  let generation = 0;
  let reading: Promise<TypeTable> | undefined;

  const forget = () => {
    generation += 1;
    isCurrent = false;
    reading = undefined;
  };
  const close = store.watch(spec, forget);

  async function read(): Promise<TypeTable> {
    const found = new Map<string, string[]>();
    for (let after: string | undefined, more = true; more; more = after !== undefined) {
      const page = await collection.list({ limit: 500, ...(after !== undefined && { after }) });
      for (const { value } of page.entries) {
        for (const { type } of value.authorization_details_types ?? []) {
          found.set(type, [...(found.get(type) ?? []), value.identifier]);
        }
      }
      after = page.next;
    }
    return found;
  }

  async function renew(): Promise<void> {
    const begun = generation;
    reading ??= read();
    try {
      const found = await reading;
      for (const listener of listeners) listener(found);
      table = found;
      // A change that was told meanwhile may be newer than what was read.
      isCurrent ||= begun === generation;
    } finally {
      if (begun === generation) reading = undefined;
    }
  }

  return {
    current: () => table,
    refresh: () => (isCurrent ? undefined : renew()),
    isCurrent: () => isCurrent,
    follow: (listener) => void listeners.push(listener),
    forget,
    close,
  };
}
