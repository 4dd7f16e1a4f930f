import type { Account } from '../accounts/account.ts';
import type { Config } from '../config/schema.ts';
import type { Entry } from '../store/store.ts';
import type { Letters } from './account-letters.ts';
import type { Mailer } from './mail.ts';
import type { PageWriter } from './pages.ts';

/** Sends people the e-mail of a forgotten password because an administrator asks for it. */
export interface ResetSender {
  /** `folder`: e-mails are files of this server, which reach nobody by themselves. */
  readonly delivery: 'smtp' | 'folder';
  /**
   * In the person's language where their account says one.
   * @param by whose requests are limited together
   * @param request the correlation id in the log
   * @returns seconds to wait before it may be sent; 0: it is on its way
   */
  send(entry: Entry<Account>, by: string, request: string): Promise<number>;
}

export function createResetSender(parts: {
  mail: Config['mail'];
  letters: Pick<Letters, 'resetFor'>;
  mailer: Mailer;
  pages: Pick<PageWriter, 'localeOf'>;
}): ResetSender {
  const { mail, letters, mailer, pages } = parts;
  /** No browser asks. */
  const nobody = { get: () => '', query: {} };

  return {
    delivery: mail.smtp_url === undefined ? 'folder' : 'smtp',
    async send(entry, by, request) {
      const locale = pages.localeOf(nobody as never, entry.value.claims.locale ?? '');
      const answer = await letters.resetFor(entry, { ip: by, locale });
      if ('wait' in answer) return answer.wait;
      mailer.soon(request, answer.letter);
      return 0;
    },
  };
}
