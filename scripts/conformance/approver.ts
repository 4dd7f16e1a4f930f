/** The person of the FAPI-CIBA plans: reads the e-mails that the server sends, follows the link and decides. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createBrowser } from '../demo/browser.ts';

export interface Person {
  email: string;
  password: string;
}

/** Seconds until an e-mail is there. */
const PATIENCE = 10;

const textOf = (message: string): string =>
  message
    .replace(/=\r?\n/g, '')
    .replace(/=([\dA-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));

/** What the page answers when the request was decided, or has expired. */
const GONE = 410;

/**
 * Answers with the decision about the newest request that was not decided yet: e-mails do not hold
 * the `auth_req_id`, and the suite decides about a request before it makes the next.
 */
export function createApprover(issuer: string, mails: string, person: Person) {
  const followed = new Set<string>();

  const newest = (): string | undefined => {
    const files = existsSync(mails) ? readdirSync(mails).sort() : [];
    const links = files.flatMap(
      (file) =>
        /https:\S+\/account\/approve\?ticket=[\w.~-]+/.exec(
          textOf(readFileSync(join(mails, file), 'utf8')),
        ) ?? [],
    );
    const link = links.findLast((one) => !followed.has(one));
    // What is older was never decided, and is not the one meant next time.
    for (const one of links) followed.add(one);
    return link;
  };

  async function next(): Promise<string> {
    for (let tries = 0; tries < PATIENCE * 20; tries += 1) {
      const link = newest();
      if (link !== undefined) return link;
      await new Promise((done) => setTimeout(done, 50));
    }
    throw new Error('there is no e-mail');
  }

  return async (decision: 'allow' | 'deny'): Promise<void> => {
    const browser = createBrowser(issuer);
    let page = await browser.open(await next());
    // A request that nobody decided: the e-mail of the one meant is still on its way.
    while (page.status === GONE) page = await browser.open(await next());
    const done = await browser.submit(page, 'decision', {
      ...(decision === 'allow' && { fill: { password: person.password } }),
      press: `decision=${decision}`,
    });
    if (done.status !== 200) throw new Error(`not decided: ${done.status}`);
  };
}
