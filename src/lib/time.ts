/** Seconds since the epoch, the unit of every protocol timestamp (RFC 7519, section 2, NumericDate). */
export const epoch = (): number => Math.floor(Date.now() / 1000);
