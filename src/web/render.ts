import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { lazy } from '../lib/lazy.ts';
import { filters } from './filters.ts';
import { type Languages, loadLanguages, type Parameters } from './locale.ts';
import type { Emails, Pages } from './models.ts';
import { type Asset, readAssets } from './theme-assets.ts';

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
  /** A page whose model is its folder's matter, such as `dashboard/clients`. */
  view(name: string, locale: string, model: object): string;
  /** An e-mail: a subject of one line, and the same message as HTML and as text. */
  email<K extends keyof Emails>(name: K, locale: string, model: Emails[K]): Email;
  /** By path, such as `/assets/default/clientele.css`. */
  readonly assets: ReadonlyMap<string, Asset>;
  readonly languages: Languages;
}

export interface Email {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

// Loaded with the first template: a server that shows no page needs no memory for it.
const require = createRequire(import.meta.url);
const engine = lazy((): typeof import('nunjucks') => require('nunjucks'));

/** Names in subjects are cut to so many characters, that the rest of the line is read as well. */
const SUBJECT_NAME = 40;

/**
 * Reads every text and asset once, and the templates of a theme, so that one that does not compile, or
 * a theme that does not exist, is found here. The default's templates are read when they are shown
 * first: they come with the server, and no start has to wait for them.
 * @throws {Error} with one sentence for the operator
 */
export function createRenderer(options: RendererOptions): Renderer {
  const { views, theme, siteName, base = '' } = options;
  if (!/^[a-z0-9][a-z0-9-]*$/.test(theme) || !existsSync(join(views, theme))) {
    throw new Error(`No theme ${theme} in ${views} – a theme is a folder there`);
  }
  const themes = [...new Set([theme, 'default'])];
  const languages = loadLanguages(options.locales, options.defaultLocale);
  const environments = createEnvironments(views, themes);
  const assets = new Map(themes.toReversed().flatMap((name) => readAssets(views, name)));
  const asset = (file: string): string => {
    const path = themes.map((name) => `/assets/${name}/${file}`).find((name) => assets.has(name));
    if (!path) throw new Error(`No asset ${file} in ${themes.join(' or ')}`);
    return `${base}${path}?v=${assets.get(path)?.version}`;
  };
  const tools = new Map(
    languages.codes.map((code) => [code, lazy(() => textTools(languages, code))]),
  );
  const context = (locale: string, model: object): Record<string, unknown> => {
    const { code, dir } = languages.get(locale);
    return { ...(clean(model) as object), ...tools.get(code)?.(), locale: code, dir, siteName };
  };
  const view: Renderer['view'] = (name, locale, model) =>
    environments.markup().render(`${name}.njk`, { ...context(locale, model), asset, page: name });
  return {
    assets,
    languages,
    view,
    page: view,
    email(name, locale, model) {
      const known = context(locale, model);
      const { client } = known as { client?: { client_name?: unknown } };
      const who = filters.short?.(client?.client_name, SUBJECT_NAME);
      const key = `email.${name}.subject${who ? '_named' : ''}`;
      const subject = languages.speech(locale).text(key, { client: who });
      const told = { ...known, subject, page: name };
      return {
        subject,
        html: environments.markup().render(`emails/${name}.html.njk`, told),
        text: `${environments.plain().render(`emails/${name}.txt.njk`, told).trim()}\n`,
      };
    },
  };
}

/**
 * Templates by name: the theme's, else the default's; `default/layout.njk` names the default's. What
 * they insert is escaped in `markup`, and stands as it is in `plain`, which has those in `.txt.njk`.
 */
function createEnvironments(views: string, themes: readonly string[]) {
  const folders = [...themes.map((name) => join(views, name)), views];
  const create = (autoescape: boolean) => {
    const { Environment, FileSystemLoader } = engine();
    const options = { autoescape, trimBlocks: true, lstripBlocks: true };
    const environment = new Environment(new FileSystemLoader(folders), options);
    for (const [name, filter] of Object.entries(filters)) environment.addFilter(name, filter);
    return environment;
  };
  const [markup, plain] = [lazy(() => create(true)), lazy(() => create(false))];
  for (const folder of themes.filter((name) => name !== 'default')) {
    for (const file of readdirSync(join(views, folder), { recursive: true, encoding: 'utf8' })) {
      const name = file.replaceAll('\\', '/');
      if (!name.endsWith('.njk')) continue;
      const environment = file.endsWith('.txt.njk') ? plain() : markup();
      environment.getTemplate(name, true);
    }
  }
  return { markup, plain };
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
  const { html, said, ...speech } = languages.speech(code);
  const { SafeString } = engine().runtime;
  return {
    ...speech,
    t: (key: string, parameters?: Parameters) => new SafeString(html(key, parameters)),
    say: (key: string, english?: string, parameters?: Parameters) =>
      new SafeString(said(key, english, parameters)),
  };
}
