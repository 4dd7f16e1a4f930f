/** An administrator at the dashboard, with a browser that knows HTTP and cookies. */
import type { Browser } from './browser.ts';
import type { Answer, HttpClient } from './client.ts';
import { formOf } from './form.ts';

export interface Visitor {
  http: HttpClient;
  browser: Browser;
  url: string;
  owner: { email: string; password: string };
}

/** A page, whoever has to sign in for it before. @throws {Error} when it is another */
export async function land({ browser, url, owner }: Visitor, path: string): Promise<Answer> {
  let page = await browser.open(`${url}/dashboard${path}`);
  if (page.body.includes('type="password"') && !page.body.includes('class="framed"')) {
    const { action, fields } = formOf(page);
    fields.set('email', owner.email);
    fields.set('password', owner.password);
    page = await browser.open(new URL(action, url).href, fields);
  }
  if (page.body.includes('class="framed"')) return page;
  throw new Error(`${path} is no page of the dashboard:\n${page.body.slice(0, 2000)}`);
}
