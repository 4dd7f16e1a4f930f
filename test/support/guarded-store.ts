import type { CollectionSpec, Store } from '../../src/store/store.ts';

/** What a call is answered with instead; undefined: with what the store says. */
type Instead = (
  spec: CollectionSpec,
  method: string,
  given: readonly unknown[],
) => Promise<unknown> | undefined;

/** A store that can be made to fail, or to lag, call by call. */
export const guarded =
  (instead: Instead) =>
  (store: Store): Store => ({
    ...store,
    collection(spec) {
      const methods = Object.entries(store.collection<never>(spec)).map(([name, method]) => [
        name,
        (...given: unknown[]) =>
          instead(spec, name, given) ?? (method as (...given: unknown[]) => unknown)(...given),
      ]);
      return Object.fromEntries(methods) as never;
    },
  });
