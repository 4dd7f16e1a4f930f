/**
 * E-mails: written with the brand of the client that the person came from, sent after the answer to
 * the request that they belong to. A page neither waits for one nor learns what became of it.
 */
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../lib/log.ts';
import type { FindBrand } from './brand.ts';
import type { Message, Transport } from './mail-transport.ts';
import type { EmailModel, Emails } from './models.ts';
import type { Renderer } from './render.ts';

/** An e-mail before it is written. */
export interface Letter extends Omit<EmailModel, 'client'> {
  kind: keyof Emails;
  /** BCP 47, one that the renderer knows. */
  locale: string;
  /** The client that the person came from. */
  client?: string | undefined;
}

export interface Mailer {
  /**
   * Once the response has gone, asks for the letter and sends it, if there is one.
   * @param id the request's correlation id
   */
  afterwards(response: ServerResponse, id: string, letter: () => Promise<Letter | undefined>): void;
  /** Sends a letter without anybody waiting for it. @param id the correlation id of what it is for */
  soon(id: string, letter: Letter): void;
  /** Tries once more what waits, and gives it five seconds; then it is lost, and the log says so. */
  close(): Promise<void>;
}

/** Milliseconds before the second and the third attempt. */
const PAUSES = [2000, 10_000];
/** Milliseconds to finish at shutdown. */
const LAST = 5000;
/** E-mails that are being sent or wait; beyond it, they are refused. */
const MOST = 1000;
/** Conversations with the server at a time. */
const LINES = 4;

type MailError = Error & { code?: string; responseCode?: number };

/** A server that answers 5yz is not to be asked again (RFC 5321, section 4.2.1). */
const isFinal = ({ responseCode = 0 }: MailError): boolean => responseCode >= 500;

/** Servers quote in their refusals what they dislike, and that may be the link. */
const reasonOf = ({ message, code, responseCode }: MailError) => ({
  reason: message.replace(/ticket=[\w-]+/g, 'ticket=(hidden)'),
  code,
  responseCode,
});

export function createMailer(parts: {
  transport: Transport;
  renderer: Renderer;
  brand: FindBrand;
  log: Log;
}): Mailer {
  const { transport, renderer, brand, log } = parts;
  const pending = new Set<Promise<void>>();
  const waiting: (() => void)[] = [];
  const closing = new AbortController();
  let lines = LINES;

  /** One of a few conversations at a time. */
  async function inLine<T>(talk: () => Promise<T>): Promise<T> {
    if (lines > 0) lines -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await talk();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else lines += 1;
    }
  }

  async function write({ kind, locale, client, ...model }: Letter): Promise<Message> {
    const written = renderer.email(kind, locale, { ...model, client: await brand(client) });
    return { ...written, to: model.email, language: locale };
  }

  async function send(message: Message, id: string): Promise<void> {
    for (const pause of [...PAUSES, undefined]) {
      try {
        const place = await inLine(() => transport.send(message));
        log.info({ id, ...place, subject: message.subject }, 'e-mail sent');
        return;
      } catch (error) {
        const final = pause === undefined || isFinal(error as MailError);
        if (final) {
          log.error({ id, ...reasonOf(error as MailError) }, 'e-mail not sent');
          return;
        }
        log.warn({ id, ...reasonOf(error as MailError) }, 'e-mail not sent yet');
        await sleep(pause, undefined, { signal: closing.signal }).catch(() => {});
      }
    }
  }

  function start(id: string, letter: () => Promise<Letter | undefined>): void {
    if (pending.size >= MOST) {
      log.error({ id }, 'e-mail not sent: too many wait');
      return;
    }
    const job = letter()
      .then(async (given) => given && send(await write(given), id))
      .catch((error) => log.error({ err: error, id }, 'e-mail not written'))
      .then(() => void pending.delete(job));
    pending.add(job);
  }

  return {
    afterwards(response, id, letter) {
      if (response.closed) start(id, letter);
      else response.once('close', () => start(id, letter));
    },
    soon: (id, letter) => start(id, async () => letter),
    async close() {
      closing.abort();
      const patience = new AbortController();
      const late = sleep(LAST, undefined, { signal: patience.signal }).catch(() => {});
      await Promise.race([late, Promise.all(pending)]);
      patience.abort();
      if (pending.size > 0) log.error({ lost: pending.size }, 'e-mails not sent: the server ends');
    },
  };
}
