/** One module waits for an operator who rotates the keys. */
import type { Family } from './family.ts';

/** One for each time: a next key that is published already stands in the way. The suite cannot read Ed25519. */
const algs = ['RS256', 'PS256', 'ES256'];

export const rotation: Family = {
  async prepare(_setup, call) {
    const left = [...algs];
    const rotate = () => call('/keys/rotate', { alg: left.shift() });
    return { hooks: { 'oidcc-server-rotate-keys': rotate } };
  },
};
