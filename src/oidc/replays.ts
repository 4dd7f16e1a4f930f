/** Assertions and proofs that are used once (RFC 7523, section 3; RFC 9449, section 11.1). */
import type { Provider } from 'oidc-provider';

/** Another request was the first to store this `jti`. */
export class ReplayError extends Error {
  readonly code = 'replay';
}

/**
 * The engine looks for a `jti` and then stores it. Of requests that come at the same moment several
 * find nothing and one stores it: to the others it was used, too, and they are refused in the same
 * words as those that come later.
 */
export function refuseReplays({ ReplayDetection }: Provider): void {
  const { unique } = ReplayDetection;
  ReplayDetection.unique = (...use) =>
    unique.apply(ReplayDetection, use).catch((error) => {
      if (error instanceof ReplayError) return false;
      throw error;
    });
}
