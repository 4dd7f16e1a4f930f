/**
 * Whether a JWT may be what it is presented as: it says so, or says nothing. What a client signed for
 * one purpose, such as a request that went through a browser, is then good for no other.
 * @param own its type, without `application/` @source RFC 8725, section 3.11; RFC 9101, section 10.8
 */
export const isTyped = (typ: unknown, own: string): boolean =>
  typ === undefined ||
  ['jwt', own].includes(
    String(typ)
      .toLowerCase()
      .replace(/^application\//, ''),
  );
