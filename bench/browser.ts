import { type Answer, type HttpClient, redirects } from './client.ts';
import { redirectUri } from './fixture.ts';
import { type Form, formOf } from './form.ts';

/** A person's browser: follows redirects, keeps cookies, fills in the forms that it knows. */
export interface Browser {
  /** The Cookie header of its next request. */
  cookies(): string;
  /** Goes to an address and on until a page wants something typed. */
  go(address: string): Promise<Page>;
  /** The page that an address leads to, or that is shown after a form was sent there. */
  open(address: string, form?: URLSearchParams): Promise<Answer>;
  /** Answers every form with these fields, beside its own, until a page has none. */
  answer(address: string, fields: Readonly<Record<string, string>>): Promise<void>;
  /** Signs in and allows everything. @returns the code, when it ends at the client */
  signIn(address: string, email: string, password: string): Promise<string>;
}

/** A page with a form, or the address of the client that it ended at. */
export type Page = { form: Form } | { end: URL };

/** Redirects and forms on the way to a code; more than these go in a circle. */
const STEPS = 12;

export function createBrowser(http: HttpClient, url: string): Browser {
  // Paths are not looked at: a browser here does one thing at a time.
  const jar = new Map<string, string>();
  const cookies = () => [...jar].map(([name, value]) => `${name}=${value}`).join('; ');

  function keep(answer: Answer): Answer {
    for (const line of answer.headers('set-cookie')) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '' || /expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
    return answer;
  }

  const visit = async (to: string, form?: URLSearchParams) =>
    keep(
      await http.send({ to, headers: { cookie: cookies() }, ...(form && { form }) }, [
        200,
        ...redirects,
      ]),
    );

  /** Follows an answer to where it ends. */
  async function follow(first: Answer): Promise<Page> {
    let answer = first;
    for (let step = 0; step < STEPS; step += 1) {
      if (answer.status === 200) return { form: formOf(answer) };
      const target = new URL(answer.header('location') ?? '', url);
      if (target.href.startsWith(redirectUri)) return { end: target };
      answer = await visit(target.href);
    }
    throw new Error('redirected in a circle');
  }

  /** The page that an address of the server leads to. */
  async function land(address: string, form?: URLSearchParams): Promise<Answer> {
    let answer = await visit(address, form);
    for (let step = 0; step < STEPS && answer.status !== 200; step += 1) {
      answer = await visit(new URL(answer.header('location') ?? '', url).href);
    }
    return answer;
  }

  const browser: Browser = {
    cookies,
    open: land,
    async answer(address, given) {
      let page = await land(address);
      for (let step = 0; step < STEPS; step += 1) {
        if (!page.body.includes('<form')) return;
        const { action, fields } = formOf(page);
        for (const [name, value] of Object.entries(given)) fields.set(name, value);
        page = await land(new URL(action, url).href, fields);
      }
      throw new Error('asked without end');
    },
    go: async (address) => follow(await visit(address)),
    async signIn(address, email, password) {
      let page = await browser.go(address);
      for (let step = 0; step < STEPS && 'form' in page; step += 1) {
        const { action, fields, asksPassword } = page.form;
        if (asksPassword) {
          fields.set('email', email);
          fields.set('password', password);
        } else fields.set('decision', 'allow');
        page = await follow(await visit(new URL(action, url).href, fields));
      }
      return codeOf('end' in page ? page.end.href : undefined);
    },
  };
  return browser;
}

/** The code in an address of the client. @throws {Error} when it is an error instead */
export function codeOf(location: string | undefined): string {
  const code = location?.startsWith(redirectUri) && new URL(location).searchParams.get('code');
  if (code) return code;
  throw new Error(`no code but ${location}`);
}
