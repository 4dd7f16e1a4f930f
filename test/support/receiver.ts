/** A relying party's receiver of logout tokens, on loopback. */
import { text } from 'node:stream/consumers';
import { listen } from '../../src/listen.ts';

export interface Receiver {
  uri: string;
  /** The logout tokens that came, oldest first. */
  tokens: string[];
  /** Statuses to answer with, one request each; after the last one 200. */
  answers: number[];
  close(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const tokens: string[] = [];
  const answers: number[] = [];
  const listening = await listen(
    { host: '127.0.0.1', port: 0, trust_proxy: false },
    async (request, response) => {
      tokens.push(new URLSearchParams(await text(request)).get('logout_token') ?? '');
      response.writeHead(answers.shift() ?? 200).end();
    },
  );
  return {
    uri: `http://127.0.0.1:${listening.port}/backchannel`,
    tokens,
    answers,
    close: () => listening.stop(0),
  };
}
