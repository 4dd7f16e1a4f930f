import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config/schema.ts';
import { newId } from '../lib/ids.ts';
import { lazy } from '../lib/lazy.ts';

/** An e-mail as it is handed in. */
export interface Message {
  to: string;
  subject: string;
  html: string;
  text: string;
  /** BCP 47. */
  language: string;
}

export interface Transport {
  /** @returns what the log may tell of it. @throws with `responseCode` when a server refuses it */
  send(message: Message): Promise<{ file?: string }>;
}

/** Milliseconds that a server may take to be reached, to greet, and to answer a command. */
const PATIENCE = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 };

/** Nothing that a message names is ever fetched. */
const CLOSED = { disableFileAccess: true, disableUrlAccess: true };

const fieldsOf = (from: string, { to, language, ...content }: Message) => ({
  ...content,
  from,
  // An object, since text would be read as a list of addresses.
  to: { name: '', address: to },
  headers: {
    // RFC 3834, section 5: so that nothing answers by itself.
    'Auto-Submitted': 'auto-generated',
    'X-Auto-Response-Suppress': 'All',
    'Content-Language': language,
  },
});

/** What sends e-mails, loaded with the first of them. */
function createSender(options: { url: string } | { streamTransport: true; buffer: true }) {
  const transport = lazy(async () =>
    (await import('nodemailer')).createTransport({ ...options, ...PATIENCE, ...CLOSED } as object),
  );
  return async (fields: ReturnType<typeof fieldsOf>): Promise<{ message?: unknown }> =>
    (await transport()).sendMail(fields);
}

function overSmtp(url: string, from: string): Transport {
  const sendMail = createSender({ url });
  return {
    async send(message) {
      await sendMail(fieldsOf(from, message));
      return {};
    },
  };
}

/** One file per e-mail, which mail programs open; only its owner may read it, since the link works. */
function intoFolder(folder: string, from: string): Transport {
  const sendMail = createSender({ streamTransport: true, buffer: true });
  return {
    async send(message) {
      const { message: bytes } = await sendMail(fieldsOf(from, message));
      const time = new Date().toISOString().replaceAll(':', '-');
      const file = join(folder, `${time}-${newId(64)}.eml`);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFile(file, bytes as Buffer, { flag: 'wx', mode: 0o600 });
      return { file };
    },
  };
}

/** Over SMTP when the configuration names a server, else into files. */
export const createTransport = ({ smtp_url, folder, from }: Config['mail']): Transport =>
  smtp_url === undefined ? intoFolder(folder, from) : overSmtp(smtp_url, from);
