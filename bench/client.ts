/**
 * An HTTP client of a few lines: what Node's own takes for a request is more than some of the answers
 * cost the server, which would then wait for its client instead of working.
 */
import { connect, type Socket } from 'node:net';

/** A request to one of the servers. */
export interface Ask {
  /** An address of the server, absolute or from its root on. */
  to: string;
  /** Absent: POST with a body, GET without. */
  method?: 'PATCH';
  headers?: Readonly<Record<string, string>>;
  /** Posted as a form; absent: the request is a GET. */
  form?: Readonly<Record<string, string>> | URLSearchParams;
  /** Sent as JSON. */
  json?: unknown;
}

export interface Answer {
  status: number;
  body: string;
  /** The first header of this name, which is given in lower case. */
  header(name: string): string | undefined;
  /** All of them. */
  headers(name: string): string[];
}

/** Sends requests to one server over connections that stay open. */
export interface HttpClient {
  /** @throws {Error} with the answer when it is not of the expected status */
  send(ask: Ask, expected: number | readonly number[]): Promise<Answer>;
  /** Closes the connections: the next request opens new ones. */
  rest(): void;
}

/** What `redirect` of Koa and what `oidc-provider` answer with. */
export const redirects: readonly number[] = [302, 303];

const END_OF_HEAD = '\r\n\r\n';

function encode({ to, method, headers = {}, form, json }: Ask, host: string): string {
  const path = to.startsWith('/') ? to : to.slice(to.indexOf('/', 'https://'.length));
  const body = form
    ? new URLSearchParams(form as Record<string, string>).toString()
    : json && JSON.stringify(json);
  const type = form ? 'application/x-www-form-urlencoded' : 'application/json';
  const verb = method ?? (body === undefined ? 'GET' : 'POST');
  const lines = [`${verb} ${path} HTTP/1.1`, `Host: ${host}`];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  if (typeof body !== 'string') return lines.join('\r\n') + END_OF_HEAD;
  lines.push(`Content-Type: ${type}`, `Content-Length: ${Buffer.byteLength(body)}`);
  return lines.join('\r\n') + END_OF_HEAD + body;
}

/** The answer that stands in `received`, or nothing while it is not all there. */
function decode(received: Buffer): Answer | undefined {
  const end = received.indexOf(END_OF_HEAD);
  if (end < 0) return undefined;
  const head = received.toString('latin1', 0, end + 2);
  const headers = (name: string) =>
    [...head.matchAll(new RegExp(`^${name}: *(.*)\r$`, 'gim'))].map(([, value]) => value as string);
  const status = Number(head.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length));
  const length = status === 204 || status === 304 ? '0' : headers('content-length')[0];
  if (length === undefined) throw new Error(`an answer without Content-Length:\n${head}`);
  const begin = end + END_OF_HEAD.length;
  if (received.length < begin + Number(length)) return undefined;
  const body = received.toString('utf8', begin);
  return { status, body, headers, header: (name) => headers(name)[0] };
}

/** One request on a connection that has none under way. */
const exchange = (socket: Socket, request: string): Promise<Answer> =>
  new Promise((resolve, reject) => {
    let received: Buffer | undefined;
    const settle = (act: () => void) => {
      socket.removeAllListeners();
      act();
    };
    const fail = (error: unknown) => settle(() => reject(error));
    socket.on('data', (chunk: Buffer) => {
      received = received ? Buffer.concat([received, chunk]) : chunk;
      try {
        const answer = decode(received);
        if (answer) settle(() => resolve(answer));
      } catch (error) {
        fail(error);
      }
    });
    socket.on('error', fail);
    socket.on('close', () => fail(new Error('the server closed the connection')));
    socket.write(request);
  });

/** @param url the server's root */
export function createHttpClient(url: string): HttpClient {
  const { hostname, port, host } = new URL(url);
  const idle: Socket[] = [];
  const keep = (socket: Socket) => {
    idle.push(socket);
    // Without a listener an error of an idle connection would end the process.
    socket.on('error', () => {});
    socket.on('close', () => {
      const index = idle.indexOf(socket);
      if (index >= 0) idle.splice(index, 1);
    });
  };

  return {
    async send(ask, expected) {
      const socket = idle.pop() ?? connect({ host: hostname, port: Number(port), noDelay: true });
      const answer = await exchange(socket, encode(ask, host));
      keep(socket);
      if ([expected].flat().includes(answer.status)) return answer;
      throw new Error(
        `${ask.to} answered ${answer.status}, not ${[expected].flat().join(' or ')}:\n` +
          answer.body.slice(0, 2000),
      );
    },
    rest() {
      for (const socket of idle.splice(0)) socket.destroy();
    },
  };
}
