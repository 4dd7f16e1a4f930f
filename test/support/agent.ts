/**
 * A person's browser without JavaScript: it keeps cookies as RFC 6265 says, follows redirects as
 * long as they stay on the server, and fills in the forms that it is shown.
 */
import { type Fields, formOf } from './op.ts';

export interface Cookie {
  name: string;
  value: string;
  host: string;
  path: string;
  secure: boolean;
  httpOnly: boolean;
  sameSite?: string;
  /** Milliseconds since the epoch; absent: until the browser is closed. */
  expires?: number;
}

export interface Form {
  action: string;
  method: string;
  /** What a submission sends, buttons apart. */
  fields: [name: string, value: string][];
  /** Checkboxes, whether or not they are checked. */
  boxes: { name: string; value: string; checked: boolean }[];
  buttons: { name: string; value: string; text: string }[];
}

/** Where the browser stands. */
export interface Page {
  /** Of the page shown; of the last answer when the browser was sent away. */
  status: number;
  url: string;
  headers: Headers;
  html: string;
  forms: Form[];
  /** The address outside the server that the browser was sent to; nothing is fetched there. */
  left?: URL;
}

export interface Credentials {
  email: string;
  password: string;
  /** Whether "remember this device" stays checked. Default: it does. */
  remember?: boolean;
}

export interface Choice {
  /** Scopes and claims whose checkbox is cleared, as the checkbox posts them. */
  untick?: readonly string[];
  /** Default: `allow`. */
  decision?: 'allow' | 'deny';
}

export interface Agent {
  /** The cookies that have not expired. */
  cookies(): Cookie[];
  cookie(name: string): Cookie | undefined;
  /** Forgets cookies, all of them or those of a name. */
  forget(name?: string): void;
  /** Puts a cookie there, as a page of the same site could. */
  plant(cookie: Pick<Cookie, 'name' | 'value'> & Partial<Cookie>): void;
  /** One request, no redirect followed. */
  request(
    url: string,
    init?: { method?: string; body?: URLSearchParams; headers?: Record<string, string> },
  ): Promise<Response>;
  /** Goes to an address and follows redirects until a page or a foreign address. */
  visit(url: string | URL, headers?: Record<string, string>): Promise<Page>;
  /** Presses a button of the page: `values` replace or add fields, `undefined` leaves one out. */
  submit(page: Page, values: Fields, form?: Form): Promise<Page>;
  /** Signs in on the login page shown, or at an address that leads to it. */
  login(at: Page | string | URL, credentials: Credentials): Promise<Page>;
  /** Decides on the consent page shown. */
  consent(page: Page, choice?: Choice): Promise<Page>;
  /** Goes through login and consent, whichever are asked for, and answers where that ended. */
  authorize(url: string | URL, person?: Credentials & Choice): Promise<Page>;
}

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
};

const decode = (text: string): string =>
  text.replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (all, decimal, hex, name) => {
    if (decimal) return String.fromCodePoint(Number(decimal));
    if (hex) return String.fromCodePoint(Number.parseInt(hex, 16));
    return entities[name.toLowerCase()] ?? all;
  });

interface Tag {
  name: string;
  attributes: Map<string, string>;
  start: number;
  end: number;
}

/** Every start and end tag outside comments, style and script; attributes as browsers read them. */
function* tagsOf(html: string): Generator<Tag> {
  const tag =
    /<!--[\s\S]*?-->|<(style|script)\b[\s\S]*?<\/\1\s*>|<(\/?[a-z][\w-]*)((?:[^>"']|"[^"]*"|'[^']*')*)>/gi;
  for (const match of html.matchAll(tag)) {
    const [all, , name, rest = ''] = match;
    if (!name) continue;
    const attributes = new Map<string, string>();
    for (const [, key = '', double, single, bare] of rest.matchAll(
      /([^\s=/"']+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+)))?/g,
    )) {
      const lower = key.toLowerCase();
      if (!attributes.has(lower)) attributes.set(lower, decode(double ?? single ?? bare ?? ''));
    }
    yield {
      name: name.toLowerCase(),
      attributes,
      start: match.index,
      end: match.index + all.length,
    };
  }
}

const textOf = (html: string): string =>
  decode(html.replace(/<[^>]*>/g, ' '))
    .replace(/\s+/g, ' ')
    .trim();

/** The forms of a page, with the controls that name one by its id. */
export function formsOf(html: string, url: string): Form[] {
  const forms: Form[] = [];
  const byId = new Map<string, Form>();
  const later: [owner: string, add: (form: Form) => void][] = [];
  let open: Form | undefined;

  for (const { name, attributes, end } of tagsOf(html)) {
    const get = (key: string) => attributes.get(key);
    const give = (add: (form: Form) => void) => {
      const owner = get('form');
      if (owner !== undefined) later.push([owner, add]);
      else if (open) add(open);
    };
    if (name === 'form') {
      open = {
        action: new URL(get('action') || url, url).href,
        method: (get('method') ?? 'get').toUpperCase(),
        fields: [],
        boxes: [],
        buttons: [],
      };
      forms.push(open);
      const id = get('id');
      if (id !== undefined) byId.set(id, open);
    } else if (name === '/form') {
      open = undefined;
    } else if (name === 'button') {
      const text = textOf(html.slice(end, html.indexOf('</button', end)));
      give((form) =>
        form.buttons.push({ name: get('name') ?? '', value: get('value') ?? '', text }),
      );
    } else if (name === 'input' && get('name') && !attributes.has('disabled')) {
      const field = { name: get('name') as string, value: get('value') ?? '' };
      const checked = attributes.has('checked');
      give((form) => {
        if (get('type') === 'checkbox')
          form.boxes.push({ ...field, value: get('value') ?? 'on', checked });
        else if (get('type') === 'submit') form.buttons.push({ ...field, text: field.value });
        else form.fields.push([field.name, field.value]);
      });
    }
  }
  for (const [owner, add] of later) {
    const form = byId.get(owner);
    if (form) add(form);
  }
  return forms;
}

function readCookie(line: string, url: URL): Cookie | undefined {
  const [pair = '', ...rest] = line.split(';').map((part) => part.trim());
  const name = pair.slice(0, pair.indexOf('='));
  const attributes = new Map(
    rest.map((part) => {
      const at = part.includes('=') ? part.indexOf('=') : part.length;
      return [part.slice(0, at).toLowerCase(), part.slice(at + 1)] as const;
    }),
  );
  const secure = attributes.has('secure');
  // Loopback counts as secure in browsers; http anywhere else does not.
  const trustworthy =
    url.protocol === 'https:' || ['localhost', '127.0.0.1'].includes(url.hostname);
  if (!name || (secure && !trustworthy)) return undefined;
  if (/^__(Host|Secure)-/.test(name) && !secure) return undefined;
  if (name.startsWith('__Host-') && (attributes.has('domain') || attributes.get('path') !== '/'))
    return undefined;
  const given = attributes.get('path');
  const folder = url.pathname.slice(0, Math.max(1, url.pathname.lastIndexOf('/')));
  const age = attributes.get('max-age');
  const until = attributes.get('expires');
  const expires = age !== undefined ? Date.now() + Number(age) * 1000 : until && Date.parse(until);
  const sameSite = attributes.get('samesite');
  return {
    name,
    value: pair.slice(name.length + 1),
    host: url.hostname,
    path: given?.startsWith('/') ? given : folder,
    secure,
    httpOnly: attributes.has('httponly'),
    ...(sameSite && { sameSite: sameSite.toLowerCase() }),
    ...(typeof expires === 'number' && { expires }),
  };
}

/** RFC 6265, section 5.1.4. */
const pathMatches = (cookie: string, path: string): boolean =>
  path === cookie ||
  (path.startsWith(cookie) && (cookie.endsWith('/') || path[cookie.length] === '/'));

/** @param issuer the server: redirects that lead elsewhere end a journey */
export function createAgent(issuer: string, headers: Record<string, string> = {}): Agent {
  const origin = new URL(issuer).origin;
  let jar: Cookie[] = [];
  const same = (one: Cookie, other: Cookie) =>
    one.name === other.name && one.path === other.path && one.host === other.host;

  function keep(cookie: Cookie): void {
    jar = jar.filter((other) => !same(cookie, other));
    if (cookie.expires === undefined || cookie.expires > Date.now()) jar.push(cookie);
  }
  const living = () => jar.filter(({ expires }) => expires === undefined || expires > Date.now());

  const request: Agent['request'] = async (address, init = {}) => {
    const url = new URL(address);
    const sent = living()
      .filter(({ host, path }) => host === url.hostname && pathMatches(path, url.pathname))
      .sort((a, b) => b.path.length - a.path.length)
      .map(({ name, value }) => `${name}=${value}`);
    const response = await fetch(url, {
      redirect: 'manual',
      ...init,
      headers: {
        accept: 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8',
        ...(init.method === 'POST' && { origin }),
        ...headers,
        ...init.headers,
        ...(sent.length > 0 && { cookie: sent.join('; ') }),
      },
    });
    for (const line of response.headers.getSetCookie()) {
      const cookie = readCookie(line, url);
      if (cookie) keep(cookie);
    }
    return response;
  };

  async function follow(response: Response, url: string, hops = 0): Promise<Page> {
    const html = await response.text();
    const here = { status: response.status, url, headers: response.headers };
    const location = response.status >= 300 && response.headers.get('location');
    if (!location) return { ...here, html, forms: formsOf(html, url) };
    if (hops > 20) throw new Error(`redirects without end at ${url}`);
    const next = new URL(location, url);
    if (next.origin !== origin) return { ...here, html, forms: [], left: next };
    return follow(await request(next.href), next.href, hops + 1);
  }

  const visit: Agent['visit'] = async (url, more = {}) =>
    follow(await request(String(url), { headers: more }), String(url));

  const submit: Agent['submit'] = async (page, values, form = page.forms[0]) => {
    if (!form) throw new Error(`no form at ${page.url} (${page.status}): ${textOf(page.html)}`);
    const shown: Fields = {};
    const checked = form.boxes.filter((box) => box.checked);
    for (const [name, value] of [
      ...form.fields,
      ...checked.map((box) => [box.name, box.value] as const),
    ]) {
      shown[name] = [...[shown[name] ?? []].flat(), value];
    }
    const body = formOf({ ...shown, ...values });
    if (form.method === 'GET') return visit(`${form.action.split('?', 1)[0]}?${body}`);
    const response = await request(form.action, { method: 'POST', body });
    return follow(response, form.action);
  };

  const login: Agent['login'] = async (at, { email, password, remember = true }) => {
    const page = typeof at === 'string' || at instanceof URL ? await visit(at) : at;
    return submit(page, { email, password, ...(!remember && { remember: undefined }) });
  };

  const consent: Agent['consent'] = (page, { untick = [], decision = 'allow' } = {}) => {
    const boxes = page.forms[0]?.boxes ?? [];
    for (const scope of untick) {
      if (!boxes.some((box) => box.value === scope))
        throw new Error(`no checkbox for ${scope} at ${page.url}`);
    }
    const ticked = (kind: string) =>
      boxes
        .filter(({ name, value, checked }) => name === kind && checked && !untick.includes(value))
        .map(({ value }) => value);
    return submit(page, { scope: ticked('scope'), claim: ticked('claim'), decision });
  };

  return {
    cookies: living,
    cookie: (name) => living().find((cookie) => cookie.name === name),
    forget(name) {
      jar = name === undefined ? [] : jar.filter((cookie) => cookie.name !== name);
    },
    plant: (cookie) =>
      keep({
        host: new URL(issuer).hostname,
        path: '/',
        secure: false,
        httpOnly: false,
        ...cookie,
      }),
    request,
    visit,
    submit,
    login,
    consent,
    async authorize(url, person) {
      let page = await visit(url);
      if (person && isLogin(page)) page = await login(page, person);
      if (person && isConsent(page)) page = await consent(page, person);
      return page;
    },
  };
}

const has = (page: Page, name: string): boolean =>
  page.forms.some(
    (form) =>
      form.fields.some(([field]) => field === name) ||
      form.buttons.some((button) => button.name === name),
  );

export const isLogin = (page: Page): boolean => has(page, 'password');
export const isConsent = (page: Page): boolean => has(page, 'decision');
export const isLogout = (page: Page): boolean => has(page, 'logout');

/** What a person reads on a page. */
export const wordsOf = (page: Page): string =>
  textOf(page.html.replace(/<head[\s\S]*<\/head>/, ''));

/** The address that the browser was sent to. @throws when it was shown a page instead */
export function leftFor(page: Page): URL {
  if (page.left) return page.left;
  throw new Error(`a page at ${page.url} (${page.status}): ${wordsOf(page)}`);
}
