/**
 * What was used lately, by key: a map that holds at least the `size` keys used last, and never
 * twice as many. Two generations, of which the older goes at once, instead of one list in order of
 * use: a `Map` from whose front entries are deleted one at a time steps over the holes that they
 * leave, thousands of them, whenever its first key is asked for.
 */
export class Recent<K, V extends string | object> {
  readonly #generation: number;
  #young = new Map<K, V>();
  #old = new Map<K, V>();

  /** @param size entries, 1 or more */
  constructor(size: number) {
    this.#generation = size;
  }

  get(key: K): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  /** Whether it is there; asking is not a use. */
  has(key: K): boolean {
    return this.#young.has(key) || this.#old.has(key);
  }

  set(key: K, value: V): void {
    this.#young.set(key, value);
    if (this.#young.size < this.#generation) return;
    this.#old = this.#young;
    this.#young = new Map();
  }

  delete(key: K): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
  }

  /** All that are there now. */
  keys(): Set<K> {
    return new Set([...this.#old.keys(), ...this.#young.keys()]);
  }

  /** At least so many entries are there, at most twice as many. */
  get size(): number {
    return Math.max(this.#young.size, this.#old.size);
  }
}
