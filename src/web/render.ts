import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import nunjucks from 'nunjucks';
import { type Languages, loadLanguages, type Parameters } from './locale.ts';
import { httpUrl } from './security-headers.ts';

/** What any page may tell of the client: its own metadata, by wire name, each absent when unknown. */
export interface ClientModel {
  readonly client_name?: string | undefined;
  readonly description?: string | undefined;
  readonly client_uri?: string | undefined;
  readonly logo_uri?: string | undefined;
  readonly policy_uri?: string | undefined;
  readonly tos_uri?: string | undefined;
  readonly contacts?: readonly string[] | undefined;
  readonly extra_metadata?: Readonly<Record<string, unknown>> | undefined;
}

/** What every page's model has. */
export interface PageModel {
  /** The relying party the person came from; absent when there is none or it is not known. */
  readonly client?: ClientModel | undefined;
}

/** Why a sign-in did not succeed; each has its sentence under `login.error` in the languages. */
export type LoginErrorCode =
  | 'missing'
  | 'invalid_credentials'
  | 'too_many_attempts'
  | 'account_disabled'
  | 'form_expired';

/** The form posts `csrf, email, password, remember`; the one to cancel posts `csrf, cancel`. */
export interface LoginModel extends PageModel {
  readonly action: string;
  /** Where cancelling posts to; absent: to `action`. */
  readonly cancelAction?: string | undefined;
  readonly csrf: string;
  /** What was typed before, or the login_hint. */
  readonly email?: string | undefined;
  /** Whether "remember this device" is checked; absent: it is. */
  readonly remember?: boolean | undefined;
  readonly error?: LoginErrorCode | undefined;
  /** With `too_many_attempts`: seconds until another attempt counts. */
  readonly retryAfter?: number | undefined;
}

/** One thing a client asks for. `title` and `description` of the standard scopes are translated. */
export interface ScopeModel {
  readonly name: string;
  /** What its checkbox posts as `scope`; absent: the name. */
  readonly value?: string | undefined;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  /** Listed without a checkbox, so never posted. */
  readonly required?: boolean | undefined;
  /** Whether the checkbox is checked at first; absent: it is. */
  readonly checked?: boolean | undefined;
}

/** The form posts `csrf, decision` (`allow` or `deny`) and a `scope` for each checked one. */
export interface ConsentModel extends PageModel {
  readonly action: string;
  readonly csrf: string;
  /** Who is signed in: what the person knows the account by. */
  readonly account: { readonly name?: string | undefined; readonly email: string };
  /** Where the answer is sent; only its host is shown. */
  readonly redirectUri?: string | undefined;
  readonly scopes: readonly ScopeModel[];
  readonly resources?:
    | readonly { readonly name: string; readonly scopes: readonly ScopeModel[] }[]
    | undefined;
  readonly error?: 'form_expired' | undefined;
}

export interface LogoutModel extends PageModel {
  /** The form oidc-provider gives to `logoutSource`: markup, inserted as it is. */
  readonly form: string;
}

export type SignedOutModel = PageModel;

export interface ErrorModel extends PageModel {
  /** An OAuth error code; an unknown one gets a general text and is not shown. */
  readonly code: string;
  /** The correlation id under which the log tells the rest. */
  readonly id: string;
  readonly time: Date;
}

/** Every page and its model. A page elsewhere adds itself by declaration merging. */
export interface Pages {
  login: LoginModel;
  consent: ConsentModel;
  logout: LogoutModel;
  'signed-out': SignedOutModel;
  error: ErrorModel;
}

/** A file beside the templates, held in memory. */
export interface Asset {
  readonly type: string;
  readonly body: Buffer;
  /** Quoted, as in the header. */
  readonly etag: string;
  /** What pages append as `?v=`. */
  readonly version: string;
  /** For a request whose `v` is `version`; any other one is better not stored. */
  readonly cacheControl: string;
}

export interface RendererOptions {
  /** The folder of themes. */
  readonly views: string;
  /** The folder of languages. */
  readonly locales: string;
  /** A folder in `views`; what it lacks comes from `default`. */
  readonly theme: string;
  readonly defaultLocale: string;
  /** The path that everything is served below, such as `/auth`; absent: none. */
  readonly base?: string | undefined;
  /** What people call this service, shown under every page. */
  readonly siteName?: string | undefined;
}

export interface Renderer {
  /** A whole page in HTML. */
  page<K extends keyof Pages>(name: K, locale: string, model: Pages[K]): string;
  /** By path, such as `/assets/default/clientele.css`. */
  readonly assets: ReadonlyMap<string, Asset>;
  readonly languages: Languages;
}

const ASSET_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.avif': 'image/avif',
  '.ico': 'image/x-icon',
};

/**
 * Reads every template, text and asset once. Nothing is read after that, and a template that does
 * not compile, or a theme that does not exist, is found here.
 * @throws {Error} with one sentence for the operator
 */
export function createRenderer(options: RendererOptions): Renderer {
  const { views, theme, siteName, base = '' } = options;
  if (!/^[a-z0-9][a-z0-9-]*$/.test(theme) || !existsSync(join(views, theme))) {
    throw new Error(`No theme ${theme} in ${views} – a theme is a folder there`);
  }
  const themes = [...new Set([theme, 'default'])];
  const languages = loadLanguages(options.locales, options.defaultLocale);
  const environment = createEnvironment(views, themes);
  const assets = new Map(themes.toReversed().flatMap((name) => readAssets(views, name)));
  const asset = (file: string): string => {
    const path = themes.map((name) => `/assets/${name}/${file}`).find((name) => assets.has(name));
    if (!path) throw new Error(`No asset ${file} in ${themes.join(' or ')}`);
    return `${base}${path}?v=${assets.get(path)?.version}`;
  };
  const tools = new Map(languages.codes.map((code) => [code, textTools(languages, code)]));
  return {
    assets,
    languages,
    page(name, locale, model) {
      const { code, dir } = languages.get(locale);
      const own = { ...tools.get(code), asset, locale: code, dir, siteName, page: name };
      return environment.render(`${name}.njk`, { ...(clean(model) as object), ...own });
    },
  };
}

/** Templates by name: the theme's, else the default's; `default/layout.njk` names the default's. */
function createEnvironment(views: string, themes: readonly string[]): nunjucks.Environment {
  const folders = [...themes.map((name) => join(views, name)), views];
  const environment = new nunjucks.Environment(new nunjucks.FileSystemLoader(folders), {
    autoescape: true,
    trimBlocks: true,
    lstripBlocks: true,
  });
  for (const [name, filter] of Object.entries(filters)) environment.addFilter(name, filter);
  for (const folder of themes) {
    for (const file of readdirSync(join(views, folder), { recursive: true, encoding: 'utf8' })) {
      if (file.endsWith('.njk')) environment.getTemplate(file.replaceAll('\\', '/'), true);
    }
  }
  return environment;
}

function readAssets(views: string, theme: string): [string, Asset][] {
  const folder = join(views, theme, 'assets');
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((file) => extname(file) in ASSET_TYPES);
  const version = (body: Buffer) => createHash('sha256').update(body).digest('hex').slice(0, 16);
  const versions = new Map(files.map((file) => [file, version(readFileSync(join(folder, file)))]));
  // What a style sheet names is as long-lived as itself, so it names the version too.
  const versioned = (css: string) =>
    css.replace(/url\("([^"/]+)"\)/g, (all, file: string) =>
      versions.has(file) ? `url("${file}?v=${versions.get(file)}")` : all,
    );
  return files.map((file) => {
    const read = readFileSync(join(folder, file));
    const body = file.endsWith('.css') ? Buffer.from(versioned(read.toString())) : read;
    return [
      `/assets/${theme}/${file}`,
      {
        type: ASSET_TYPES[extname(file)] as string,
        body,
        etag: `"${version(body)}"`,
        version: version(body),
        cacheControl: 'public, max-age=31536000, immutable',
      },
    ];
  });
}

/**
 * A copy of a model as templates see it: no prototypes, no functions, and in its strings no line
 * breaks, control characters, bidi overrides or heaps of combining marks, which reach out of the
 * element they are in even when escaped.
 */
function clean(value: unknown): unknown {
  if (typeof value === 'string') {
    return value
      .replace(/[\s\u2028\u2029]/gu, ' ')
      .replace(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069\u206a-\u206f\u200b\ufeff]/gu, '')
      .replace(/(\p{M}{4})\p{M}+/gu, '$1');
  }
  if (Array.isArray(value)) return value.map(clean);
  if (value instanceof Date) return value;
  if (value === null || typeof value !== 'object') {
    return typeof value === 'function' ? undefined : value;
  }
  const copy = Object.create(null);
  for (const [key, member] of Object.entries(value)) copy[key] = clean(member);
  return copy;
}

/** The functions templates call, beside the model's own members. */
function textTools(languages: Languages, code: string) {
  const { html, ...speech } = languages.speech(code);
  return {
    ...speech,
    t: (key: string, parameters?: Parameters) =>
      new nunjucks.runtime.SafeString(html(key, parameters)),
  };
}

const graphemes = (text: string): string[] =>
  Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment);

/** Loopback and an application's own scheme stay on the device (RFC 8252, 7). */
const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || /^127(\.\d+){3}$/.test(host);

/** What templates shape values with. */
const filters: Readonly<Record<string, (value: unknown, limit?: number) => unknown>> = {
  /** An absolute http(s) address, or nothing: the only thing that may stand in href or src. */
  link: (value) => httpUrl(value)?.href ?? '',
  /** `host[:port]` of an http(s) address, in ASCII so that look-alikes show, or nothing. */
  host: (value) => httpUrl(value)?.host ?? '',
  /** Where a redirect URI leads: `{ place: 'web' | 'device', name }`, or nothing. */
  destination(value) {
    const url = typeof value === 'string' ? URL.parse(value) : null;
    if (!url) return undefined;
    if (!/^https?:$/.test(url.protocol))
      return { place: 'device', name: url.protocol.slice(0, -1) };
    return { place: isLoopback(url.hostname) ? 'device' : 'web', name: url.host };
  },
  /** At most so many characters as people count them, and an ellipsis. */
  short(value, limit = 80) {
    const signs = graphemes(String(value ?? '').slice(0, limit * 16));
    return signs.length > limit ? `${signs.slice(0, limit - 1).join('')}…` : signs.join('');
  },
  /** One or two letters to stand for a name. */
  initials(value) {
    const words = String(value ?? '').match(/[\p{L}\p{N}][\p{L}\p{M}\p{N}]*/gu) ?? [];
    return words
      .slice(0, 2)
      .map((word) => graphemes(word)[0])
      .join('')
      .toLocaleUpperCase('en');
  },
  /** One of six colours, always the same for a name. */
  tint: (value) =>
    createHash('sha256')
      .update(String(value ?? ''))
      .digest()
      .readUInt8() % 6,
};
