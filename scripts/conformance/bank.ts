/**
 * What the FAPI plans need beside the server: a resource of somebody else, for tokens without openid,
 * and the device on which a person decides about back-channel requests.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import https from 'node:https';
import type { Config } from '../../src/config/schema.ts';
import { createTokenCheck, type Introspected } from './bound-token.ts';

export interface Bank {
  close(): Promise<void>;
}

interface BankParts {
  port: number;
  tls: { cert: string; key: string; ciphers: Config['http']['tls_ciphers'] };
  introspect(token: string): Promise<Introspected>;
  decide(decision: 'allow' | 'deny'): Promise<void>;
}

export async function openBank({ port, tls, introspect, decide }: BankParts): Promise<Bank> {
  const origin = `https://localhost:${port}`;
  const isHolder = createTokenCheck(`${origin}/accounts`, introspect);

  async function accounts(request: IncomingMessage, response: ServerResponse) {
    response.setHeader(
      'x-fapi-interaction-id',
      request.headers['x-fapi-interaction-id'] ?? randomUUID(),
    );
    if (await isHolder(request)) return { status: 200, body: { accounts: [] } };
    response.setHeader('www-authenticate', 'Bearer error="invalid_token"');
    return { status: 401, body: { error: 'invalid_token' } };
  }

  async function sim(request: IncomingMessage) {
    const { searchParams } = new URL(request.url ?? '', origin);
    await decide(searchParams.get('action') === 'allow' ? 'allow' : 'deny');
    return { status: 200, body: {} };
  }

  type Route = (
    request: IncomingMessage,
    response: ServerResponse,
  ) => Promise<{ status: number; body: object }>;
  const routes: Readonly<Record<string, Route>> = {
    '/accounts': accounts,
    '/ciba-sim': sim,
  };
  const nothing = async () => ({ status: 404, body: {} });

  const options = {
    cert: readFileSync(tls.cert),
    key: readFileSync(tls.key),
    minVersion: 'TLSv1.2',
    ciphers: tls.ciphers.join(':'),
    // Certificates are compared with those that tokens are bound to: whoever issued them.
    requestCert: true,
    rejectUnauthorized: false,
  } as const;
  const server = https.createServer(options, (request, response) => {
    const { pathname } = new URL(request.url ?? '', origin);
    void (routes[pathname] ?? nothing)(request, response)
      .catch((error: Error) => ({ status: 500, body: { error: error.message } }))
      .then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(body));
      });
  });
  server.listen({ host: '127.0.0.1', port });
  await once(server, 'listening');
  return {
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
