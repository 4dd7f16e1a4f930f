/** An https server of somebody else's on loopback, trusted by this process as long as it runs. */
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import { issue } from './certificates.ts';

export interface Stranger {
  origin: string;
  close(): void;
}

/** The network alone is made up: the certificate is of an authority that only this process knows. */
export async function serveHttps(answer: RequestListener): Promise<Stranger> {
  const { pem, keyPem } = issue({ authority: true, san: { ip: ['127.0.0.1'] } });
  const roots = tls.getCACertificates('default');
  tls.setDefaultCACertificates([...roots, pem]);
  const server = createServer({ cert: pem, key: keyPem }, answer);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      server.closeAllConnections();
      tls.setDefaultCACertificates(roots);
    },
  };
}

/** Answers with the same document, whatever is asked for. */
export const serveJson = (document: () => unknown): Promise<Stranger> =>
  serveHttps((_, response) =>
    response.setHeader('content-type', 'application/json').end(JSON.stringify(document())),
  );
