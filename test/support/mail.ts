/** Where the server's e-mails arrive: an SMTP server on loopback, or a folder; and how to read them. */
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Mail {
  /** By lower-case name, unfolded and decoded. */
  headers: Map<string, string>;
  subject: string;
  text: string;
  html: string;
  /** The one link to this server, from the text. */
  link: string;
  /** As it was sent. */
  raw: string;
}

const bytesOf: Readonly<Record<string, (body: string) => Buffer>> = {
  base64: (body) => Buffer.from(body, 'base64'),
  'quoted-printable': (body) =>
    Buffer.from(
      body
        .replace(/=\r?\n/g, '')
        .replace(/=([\dA-F]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
      'latin1',
    ),
};

/** Encoded words (RFC 2047, section 4); white space between two of them does not count. */
const decodeWords = (text: string): string =>
  text
    .replace(/(\?=)\s+(=\?)/g, '$1$2')
    .replace(/(?:=\?utf-8\?[qb]\?[^?]*\?=)+/gi, (words) =>
      Buffer.concat(
        [...words.matchAll(/=\?utf-8\?([qb])\?([^?]*)\?=/gi)].map(([, kind = '', body = '']) =>
          kind.toLowerCase() === 'b'
            ? Buffer.from(body, 'base64')
            : (bytesOf['quoted-printable'] as (body: string) => Buffer)(body.replaceAll('_', ' ')),
        ),
      ).toString(),
    );

function split(raw: string): { headers: Map<string, string>; body: string } {
  const [head = '', ...rest] = raw.split('\r\n\r\n');
  const lines = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n');
  const headers = new Map(
    lines.map((line) => {
      const at = line.indexOf(':');
      return [line.slice(0, at).toLowerCase(), decodeWords(line.slice(at + 1).trim())] as const;
    }),
  );
  return { headers, body: rest.join('\r\n\r\n') };
}

/** Reads a message of two alternatives, text and HTML (RFC 2045, RFC 2046). */
export function readMail(raw: string): Mail {
  const { headers, body } = split(raw.replace(/\r?\n/g, '\r\n'));
  const boundary = /boundary="([^"]+)"/.exec(headers.get('content-type') ?? '')?.[1];
  const parts = new Map(
    body.split(`--${boundary}`).map((part) => {
      const { headers: own, body: content } = split(part.replace(/^\r\n/, ''));
      const decode = bytesOf[own.get('content-transfer-encoding') ?? ''];
      const type = own.get('content-type')?.split(';')[0] ?? '';
      return [type, (decode?.(content).toString() ?? content).replaceAll('\r\n', '\n')] as const;
    }),
  );
  const text = parts.get('text/plain') ?? '';
  return {
    headers,
    subject: headers.get('subject') ?? '',
    text,
    html: parts.get('text/html') ?? '',
    link: /^https?:\S+\?ticket=\S+$/m.exec(text)?.[0] ?? '',
    raw,
  };
}

/** Waits for something that happens after an answer. @throws when it does not within five seconds */
export async function until<T>(what: string, look: () => T | undefined): Promise<T> {
  for (let tries = 0; tries < 500; tries += 1) {
    const found = look();
    if (found !== undefined) return found;
    await sleep(10);
  }
  throw new Error(`there is no ${what}`);
}

/** The e-mails in a folder, oldest first. */
export const mailsIn = (folder: string): Mail[] =>
  readdirSync(folder)
    .sort()
    .map((file) => readMail(readFileSync(join(folder, file), 'utf8')));

export interface SmtpServer {
  /** What `mail.smtp_url` is set to. */
  url: string;
  /** What was accepted, oldest first. */
  mails: Mail[];
  /** Who said MAIL FROM and RCPT TO, in that order. */
  envelopes: string[][];
  /** What the next recipients are answered instead of `250`; empty: all are welcome. */
  refusals: string[];
  /** The next e-mail, from the moment of the call. */
  next(): Promise<Mail>;
  close(): Promise<void>;
}

/** A mail server that takes everything (RFC 5321), without encryption or authentication. */
export async function startSmtp(): Promise<SmtpServer> {
  const mails: Mail[] = [];
  const envelopes: string[][] = [];
  const refusals: string[] = [];
  const sockets = new Set<Socket>();

  const server = createServer((socket) => {
    sockets.add(socket.once('close', () => sockets.delete(socket)));
    const say = (line: string) => void socket.write(`${line}\r\n`);
    let envelope: string[] = [];
    let buffer = '';
    let inData = false;
    const address = (line: string) => /<(.*?)>/.exec(line)?.[1] ?? '';

    const commands: Readonly<Record<string, (line: string) => void>> = {
      EHLO: () => say('250 sink'),
      MAIL: (line) => {
        envelope = [address(line)];
        say('250 ok');
      },
      RCPT: (line) => {
        envelope.push(address(line));
        say(refusals.shift() ?? '250 ok');
      },
      DATA: () => {
        inData = true;
        say('354 go on');
      },
      RSET: () => say('250 ok'),
      QUIT: () => socket.end('221 bye\r\n'),
    };

    socket.setEncoding('latin1').on('error', () => {});
    socket.on('data', (chunk: string) => {
      buffer += chunk;
      for (;;) {
        const end = buffer.indexOf(inData ? '\r\n.\r\n' : '\r\n');
        if (end < 0) return;
        const line = buffer.slice(0, end);
        buffer = buffer.slice(end + (inData ? 5 : 2));
        if (inData) {
          inData = false;
          const bytes = Buffer.from(line.replace(/^\.\./gm, '.'), 'latin1');
          mails.push(readMail(bytes.toString()));
          envelopes.push(envelope);
          say('250 taken');
        } else {
          (commands[line.slice(0, 4).toUpperCase()] ?? (() => say('502 no')))(line);
        }
      }
    });
    say('220 sink');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mails,
    envelopes,
    refusals,
    async next() {
      const count = mails.length;
      return until('e-mail', () => mails[count]);
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
