import http, { type IncomingHttpHeaders, type RequestListener } from 'node:http';
import { duplexPair } from 'node:stream';
import { text } from 'node:stream/consumers';

export interface LoopbackRequest {
  method?: string;
  /** Path and query. */
  path: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
  /** The IP address of whoever it is sent for, by which it is limited and written down. */
  from?: string;
}

export interface LoopbackResponse {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** Sends a request to a server of this process and reads what it answers. */
export type Loopback = (request: LoopbackRequest) => Promise<LoopbackResponse>;

/**
 * Speaks HTTP with a request handler over a pipe in memory: no port, no certificate, no proxy in
 * between, and everything that the handler does for a stranger is done for this caller too.
 * @param host what the header Host says
 */
export function createLoopback(handle: RequestListener, host: string): Loopback {
  const server = http.createServer(handle);
  const agent = new http.Agent();
  agent.createConnection = (options) => {
    const [near, far] = duplexPair();
    const { from: remoteAddress = '127.0.0.1' } = options as { from?: string };
    server.emit('connection', Object.assign(far, { remoteAddress }));
    return near;
  };

  return ({ method = 'GET', path, headers, body, from }) =>
    new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
      const request = http.request(
        { agent, method, path, headers: { host, ...length, ...headers }, ...(from && { from }) },
        (response) => {
          text(response).then(
            (read) =>
              resolve({ status: response.statusCode ?? 0, headers: response.headers, text: read }),
            reject,
          );
        },
      );
      request.once('error', reject);
      request.end(body);
    });
}
