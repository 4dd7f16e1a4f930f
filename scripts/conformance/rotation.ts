/** The module that waits for an operator who rotates the keys is told to ask here. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Family } from './family.ts';

/** One for each time: a next key that is published already stands in the way. The suite cannot read Ed25519. */
const algs = ['RS256', 'PS256', 'ES256'];
let server: Server | undefined;

export const rotation: Family = {
  async prepare(_driver, call) {
    server = createServer(async (_request, response) => {
      const failed = await call('/keys/rotate', { alg: algs.shift() }).then(
        () => undefined,
        String,
      );
      if (failed) console.error(failed);
      response.writeHead(failed ? 500 : 204).end(failed);
    });
    await new Promise<void>((done) => server?.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/`;
    return { hooks: { 'oidcc-server-rotate-keys': { method: 'POST', url } } };
  },
  async close() {
    server?.close();
    server?.closeAllConnections();
  },
};
