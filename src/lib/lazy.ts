/**
 * Makes something when it is asked for first, once: what few need costs the others nothing. A promise
 * that is rejected is made anew by who asks next, so that one failure to read a file is not for good.
 */
export function lazy<T extends object | string>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    if (made === undefined) {
      made = make();
      if (made instanceof Promise) {
        made.catch(() => {
          made = undefined;
        });
      }
    }
    return made;
  };
}
