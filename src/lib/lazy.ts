/** Makes something when it is asked for first, once: what few need costs the others nothing. */
export function lazy<T extends object | string>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
