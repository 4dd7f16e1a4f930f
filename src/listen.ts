import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Config } from './config/schema.ts';
import { OpenError } from './store/store.ts';

export interface Listening {
  port: number;
  /**
   * Takes no new connections, lets running requests finish, and ends what is still open after
   * `patience` milliseconds.
   */
  stop(patience?: number): Promise<void>;
}

const remedies: Readonly<Record<string, string>> = {
  EADDRINUSE: 'something else listens there – stop it or choose another PORT',
  EACCES: 'this user may not listen there – choose a PORT above 1023',
  EADDRNOTAVAIL: 'this machine has no such address – choose another HOST',
};

/** @throws {OpenError} with one sentence when the address cannot be had */
export async function listen(
  config: Config['http'],
  callback: http.RequestListener,
): Promise<Listening> {
  const { tls_cert, tls_key, host, port } = config;
  let stopping = false;
  const handle: http.RequestListener = (request, response) => {
    // A connection that is kept alive would hold the process up.
    if (stopping) response.setHeader('Connection', 'close');
    callback(request, response);
  };
  const server =
    tls_cert && tls_key
      ? https.createServer(
          { cert: readFileSync(tls_cert), key: readFileSync(tls_key), minVersion: 'TLSv1.2' },
          handle,
        )
      : http.createServer(handle);
  server.requestTimeout = 30_000;
  server.headersTimeout = 15_000;

  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', (error: NodeJS.ErrnoException) => {
      const remedy = remedies[error.code ?? ''] ?? error.code;
      reject(new OpenError(`Cannot listen on ${host}:${port}: ${remedy}`));
    });
    server.listen({ host, port });
  });

  return {
    port: (server.address() as AddressInfo).port,
    async stop(patience = 8000) {
      stopping = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      const timer = setTimeout(() => server.closeAllConnections(), patience);
      server.closeIdleConnections();
      await closed;
      clearTimeout(timer);
    },
  };
}
