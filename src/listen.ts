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

/**
 * Milliseconds that a connection is kept without a request: longer than balancers keep theirs, mostly a
 * minute. Who closes first loses what the other one sends at that moment: so that is to be them.
 */
const KEPT = 75_000;

type Http = Config['http'];

interface Place extends Omit<Http, 'tls_ciphers'>, Partial<Pick<Http, 'tls_ciphers'>> {
  /** Asks each client for a certificate, and lets in who has none too. */
  mutual?: true;
}

/** @param port the environment variable that names it */
const remedies = (port: string): Readonly<Record<string, string>> => ({
  EADDRINUSE: `something else listens there – stop it or choose another ${port}`,
  EACCES: `this user may not listen there – choose a ${port} above 1023`,
  EADDRNOTAVAIL: 'this machine has no such address – choose another HOST',
});

/**
 * Who a client is follows from its registration, so a certificate that no authority vouches for is
 * let in: it may be the one that its client is registered with (RFC 8705, section 2.2). No `ca` is
 * given either: it would be named in the request, and many clients, those in Java among them, then
 * keep certificates of others to themselves (RFC 8446, section 4.2.4).
 */
const askForCertificates: https.ServerOptions = { requestCert: true, rejectUnauthorized: false };

function createListener(place: Place, handle: http.RequestListener): http.Server {
  const { tls_cert, tls_key, tls_ciphers, mutual } = place;
  if (!tls_cert || !tls_key) return http.createServer(handle);
  const options: https.ServerOptions = {
    cert: readFileSync(tls_cert),
    key: readFileSync(tls_key),
    minVersion: 'TLSv1.2',
    ...(tls_ciphers && { ciphers: tls_ciphers.join(':') }),
    honorCipherOrder: true,
    ...(mutual && askForCertificates),
  };
  return https.createServer(options, handle);
}

/** @throws {OpenError} with one sentence when the address cannot be had */
export async function listen(place: Place, callback: http.RequestListener): Promise<Listening> {
  const { host, port } = place;
  let stopping = false;
  const handle: http.RequestListener = (request, response) => {
    // A connection that is kept alive would hold the process up.
    if (stopping) response.setHeader('Connection', 'close');
    callback(request, response);
  };
  const server = createListener(place, handle);
  server.requestTimeout = 30_000;
  server.headersTimeout = 15_000;
  server.keepAliveTimeout = KEPT;

  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', (error: NodeJS.ErrnoException) => {
      const variable = place.mutual ? 'MTLS_PORT' : 'PORT';
      const remedy = remedies(variable)[error.code ?? ''] ?? error.code;
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

/**
 * Listens wherever the configuration says: at `http.port` and, for client certificates that arrive
 * without a proxy, at `mtls.port`. The port told is the first one's.
 * @throws {OpenError} with one sentence when an address cannot be had
 */
export async function listenAll(
  { http, mtls }: Pick<Config, 'http' | 'mtls'>,
  callback: http.RequestListener,
): Promise<Listening> {
  const main = await listen(http, callback);
  if (mtls.mode !== 'direct') return main;
  const place: Place = { ...http, port: mtls.port ?? 0, mutual: true };
  const second = await listen(place, callback).catch(async (error) => {
    await main.stop(0);
    throw error;
  });
  return {
    port: main.port,
    async stop(patience) {
      await Promise.all([main.stop(patience), second.stop(patience)]);
    },
  };
}
