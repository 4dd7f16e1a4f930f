import { Agent, type IncomingHttpHeaders, request as open } from 'node:http';

/** A request to one of the servers. */
export interface Ask {
  /** An address of the server, absolute or from its root on. */
  to: string;
  headers?: Readonly<Record<string, string>>;
  /** Posted as a form; absent: the request is a GET. */
  form?: Readonly<Record<string, string>> | URLSearchParams;
  /** Posted as JSON. */
  json?: unknown;
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
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

function bodyOf({ form, json }: Ask): { type: string; text: string } | undefined {
  if (form) {
    const text = new URLSearchParams(form as Record<string, string>).toString();
    return { type: 'application/x-www-form-urlencoded', text };
  }
  return json === undefined ? undefined : { type: 'application/json', text: JSON.stringify(json) };
}

/** @param url the server's root */
export function createHttpClient(url: string, connections: number): HttpClient {
  const { hostname, port } = new URL(url);
  const agent = new Agent({ keepAlive: true, maxSockets: connections });

  const exchange = (ask: Ask) =>
    new Promise<Answer>((resolve, reject) => {
      const path = ask.to.startsWith('/') ? ask.to : ask.to.slice(new URL(ask.to).origin.length);
      const body = bodyOf(ask);
      const headers = body && {
        'content-type': body.type,
        'content-length': String(Buffer.byteLength(body.text)),
      };
      const request = open({
        agent,
        hostname,
        port,
        path,
        method: body ? 'POST' : 'GET',
        headers: { ...headers, ...ask.headers },
      });
      request.once('error', reject);
      request.once('response', (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.once('error', reject);
        response.once('end', () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
        });
      });
      request.end(body?.text);
    });

  return {
    async send(ask, expected) {
      const answer = await exchange(ask);
      if ([expected].flat().includes(answer.status)) return answer;
      throw new Error(
        `${ask.to} answered ${answer.status}, not ${[expected].flat().join(' or ')}:\n` +
          `${JSON.stringify(answer.headers)}\n${answer.body.slice(0, 2000)}`,
      );
    },
    rest: () => agent.destroy(),
  };
}
