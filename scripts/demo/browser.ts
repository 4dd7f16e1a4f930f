/**
 * A browser without JavaScript, as small as the walk needs it: it keeps cookies, follows redirects
 * within the server, reads forms and posts them as they stand. It stops where a redirect leaves the
 * server, since what is there is the relying party's.
 */

interface Control {
  /** `submit` for buttons; else the input's type. */
  type: string;
  name: string;
  value: string;
  checked: boolean;
}

export interface Form {
  action: URL;
  method: string;
  controls: Control[];
}

export interface Page {
  url: URL;
  status: number;
  headers: Headers;
  text: string;
  forms: Form[];
  /** Where a redirect would have led out of the server. */
  left?: URL;
}

export interface Filling {
  /** Values of text fields, by name. */
  fill?: Readonly<Record<string, string>>;
  /** Values of checkboxes to untick. */
  untick?: readonly string[];
  /** The button to press, as `name` or `name=value`; the first one when absent. */
  press?: string;
}

export interface Browser {
  open(url: URL | string): Promise<Page>;
  /** Submits the form of a page that has the named control. @throws when there is none */
  submit(page: Page, control: string, filling?: Filling): Promise<Page>;
}

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

export const unescapeHtml = (text: string): string =>
  text.replaceAll(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, (all, hex, decimal, name) => {
    if (name) return entities[name] ?? all;
    return String.fromCodePoint(hex ? Number.parseInt(hex, 16) : Number(decimal));
  });

function attributes(tag: string): Map<string, string> {
  const found = tag.matchAll(/\s([\w.:-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+)))?/g);
  return new Map(
    [...found].map(([, name, a, b, c]) => [
      (name as string).toLowerCase(),
      unescapeHtml(a ?? b ?? c ?? ''),
    ]),
  );
}

const types: Readonly<Record<string, string>> = { button: 'submit', input: 'text' };

function readForms(html: string, url: URL): Form[] {
  const forms: (Form & { id?: string | undefined })[] = [];
  let open: Form | undefined;
  for (const [tag, end, name] of html.matchAll(
    /<(\/?)(form|input|button)\b(?:"[^"]*"|[^>"])*>/gi,
  )) {
    const kind = (name as string).toLowerCase();
    if (end) {
      if (kind === 'form') open = undefined;
      continue;
    }
    const given = attributes(tag);
    if (kind === 'form') {
      const action = new URL(given.get('action') ?? '', url);
      open = { action, method: (given.get('method') ?? 'get').toUpperCase(), controls: [] };
      forms.push(Object.assign(open, { id: given.get('id') }));
      continue;
    }
    // A control may belong to a form elsewhere on the page, by that form's id.
    const id = given.get('form');
    const owner = id === undefined ? open : forms.find((form) => form.id === id);
    const type = given.get('type') ?? (types[kind] as string);
    owner?.controls.push({
      type,
      name: given.get('name') ?? '',
      value: given.get('value') ?? (type === 'checkbox' ? 'on' : ''),
      checked: given.has('checked'),
    });
  }
  return forms;
}

interface Cookie {
  value: string;
  path: string;
}

/** The cookies of one host, by name and path (RFC 6265, section 5.3, as far as one host needs it). */
function createJar() {
  const cookies = new Map<string, Cookie & { name: string }>();
  return {
    store(lines: readonly string[]) {
      for (const line of lines) {
        const [pair = '', ...rest] = line.split(';').map((part) => part.trim());
        const name = pair.slice(0, pair.indexOf('='));
        const given = new Map(
          rest.map((part) => {
            const [key = '', value = ''] = part.split('=', 2);
            return [key.toLowerCase(), value] as const;
          }),
        );
        const path = given.get('path') || '/';
        const expires = given.get('expires');
        const gone =
          (expires !== undefined && Date.parse(expires) <= Date.now()) ||
          Number(given.get('max-age') ?? 1) <= 0;
        const key = `${name} ${path}`;
        if (gone) cookies.delete(key);
        else cookies.set(key, { name, value: pair.slice(name.length + 1), path });
      }
    },
    header: (path: string): string =>
      [...cookies.values()]
        .filter(
          (cookie) => path === cookie.path || path.startsWith(cookie.path.replace(/\/?$/, '/')),
        )
        .map(({ name, value }) => `${name}=${value}`)
        .join('; '),
  };
}

/** @param origin of the server; the browser goes nowhere else */
export function createBrowser(origin: string): Browser {
  const jar = createJar();

  async function go(target: URL, body?: URLSearchParams): Promise<Page> {
    let url = target;
    let form = body;
    for (let hops = 0; hops < 12; hops += 1) {
      if (url.origin !== origin)
        throw new Error(`the browser was asked to leave for ${url.origin}`);
      const cookie = jar.header(url.pathname);
      const response = await fetch(url, {
        redirect: 'manual',
        headers: { accept: 'text/html', ...(cookie && { cookie }) },
        ...(form && { method: 'POST', body: form }),
      });
      jar.store(response.headers.getSetCookie());
      const text = await response.text();
      const { status, headers } = response;
      const location = headers.get('location');
      const page = { url, status, headers, text, forms: readForms(text, url) };
      if (!location || status < 300 || status > 399) return page;
      const next = new URL(location, url);
      if (next.origin !== origin) return { ...page, left: next };
      url = next;
      form = undefined;
    }
    throw new Error(`redirected in a circle at ${url.href}`);
  }

  return {
    open: (url) => go(new URL(url)),
    async submit(page, control, { fill = {}, untick = [], press } = {}) {
      const form = page.forms.find(({ controls }) => controls.some(({ name }) => name === control));
      if (!form) throw new Error(`${page.url.pathname} (${page.status}) has no field "${control}"`);
      const pressed = form.controls.find(
        ({ type, name, value }) =>
          type === 'submit' &&
          (press === undefined || press === name || press === `${name}=${value}`),
      );
      if (!pressed) throw new Error(`${page.url.pathname} has no button "${press}"`);
      const sent = form.controls.filter(({ type, name, value, checked }) => {
        if (type === 'submit' || !name) return false;
        return type !== 'checkbox' || (checked && !untick.includes(value));
      });
      const body = new URLSearchParams(
        sent.map(({ name, value }): [string, string] => [name, fill[name] ?? value]),
      );
      if (pressed.name) body.append(pressed.name, pressed.value);
      if (form.method === 'POST') return go(form.action, body);
      return go(new URL(`?${body}`, form.action));
    },
  };
}
