import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { Config } from '../src/config/schema.ts';
import { loadLanguages } from '../src/web/locale.ts';
import type { ClientModel, Pages } from '../src/web/models.ts';
import { createRenderer } from '../src/web/render.ts';

const root = join(import.meta.dirname, '..');
const views = join(root, 'views');
const locales = join(root, 'locales');
const options = { views, locales, theme: 'default', defaultLocale: 'en' };
const renderer = createRenderer(options);
const scratch = mkdtempSync(join(tmpdir(), 'views-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const client: ClientModel = {
  client_name: 'Lumen Invoices',
  description: 'Sends invoices',
  client_uri: 'https://lumen.example/start',
  logo_uri: 'https://cdn.lumen.example/logo.png',
  policy_uri: 'https://lumen.example/privacy',
  tos_uri: 'https://lumen.example/terms',
  contacts: ['help@lumen.example'],
  extra_metadata: { tier: 'gold' },
};

const form =
  '<form id="op.logoutForm" method="post" action="/end"><input type="hidden" name="xsrf" value="x"/></form>';
const id = '01JQ4Z7T5V9K2M8XW3R6';
const time = new Date('2026-03-14T09:26:53Z');

/** The least and the most that each page is given. */
const models: { [K in keyof Pages]: { least: Pages[K]; most: Pages[K] } } = {
  login: {
    least: { action: '/i/1', csrf: 'secret' },
    most: {
      client,
      action: '/i/1',
      cancelAction: '/i/1/abort',
      csrf: 'secret',
      email: 'ada@example.org',
      remember: false,
      error: 'too_many_attempts',
      signUpHref: '/i/1',
      retryAfter: 61,
    },
  },
  consent: {
    least: { action: '/i/1', csrf: 'secret', account: { email: 'ada@example.org' }, scopes: [] },
    most: {
      client,
      action: '/i/1',
      csrf: 'secret',
      account: { name: 'Ada', email: 'ada@example.org' },
      redirectUri: 'https://app.lumen.example/cb?x=1',
      scopes: [
        { name: 'openid', required: true },
        { name: 'profile' },
        { name: 'offline_access', checked: false },
        { name: 'custom' },
      ],
      claims: [
        { name: 'birthdate', essential: true },
        { name: 'nickname', checked: false },
        { name: 'shoe_size' },
      ],
      resources: [
        {
          name: 'Accounting',
          scopes: [
            { name: 'email', value: 'r1 email', description: 'Send mail in your name' },
            { name: 'read', title: 'Read', description: 'Reads all', required: true },
          ],
          details: [
            {
              title: 'Payment',
              sentence: [{ text: 'Pay ' }, { values: ['12.50', true] }],
              facts: [
                { name: 'actions', values: ['initiate', 'status'] },
                { name: 'iban', label: 'IBAN', values: ['DE02'] },
                { name: 'instant', values: [false] },
              ],
            },
            { title: 'Bare', sentence: [], facts: [] },
          ],
        },
      ],
      error: 'form_expired',
    },
  },
  logout: { least: { form }, most: { client, form } },
  'signed-out': { least: {}, most: { client } },
  'signing-out': {
    least: { frames: [], next: '/logout/success' },
    most: {
      client,
      frames: ['https://lumen.example/out?iss=a&sid=b', 'https://app.lumen.example/out'],
      next: 'https://lumen.example/goodbye?state=a&b',
    },
  },
  error: {
    least: { code: 'no_such_code', id, time },
    most: { client, code: 'access_denied', id, time },
  },
  forgot: {
    least: { action: '/f', csrf: 'secret', keep: {} },
    most: {
      client,
      action: '/f',
      csrf: 'secret',
      keep: { interaction: '1' },
      email: 'ada@example.org',
      backHref: '/i/1',
      error: 'missing',
    },
  },
  'forgot-sent': { least: { ttl: 1800 }, most: { client, ttl: 1800, backHref: '/i/1' } },
  reset: {
    least: { action: '/r', csrf: 'secret', ticket: 't', email: 'ada@example.org', minLength: 8 },
    most: {
      client,
      action: '/r',
      csrf: 'secret',
      ticket: 't',
      email: 'ada@example.org',
      minLength: 15,
      error: 'too_short',
    },
  },
  'sign-up': {
    least: { action: '/s', csrf: 'secret', signInHref: '/i/1' },
    most: {
      client,
      action: '/s',
      csrf: 'secret',
      signInHref: '/i/1',
      name: 'Ada',
      email: 'ada@example.org',
      error: 'missing',
    },
  },
  'sign-up-sent': {
    least: { email: 'ada@example.org', ttl: 86_400, backHref: '/i/1' },
    most: { client, email: 'ada@example.org', ttl: 86_400, backHref: '/i/1' },
  },
  'sign-up-finish': {
    least: { action: '/s', csrf: 'secret', ticket: 't', email: 'ada@example.org', minLength: 8 },
    most: {
      client,
      action: '/s',
      csrf: 'secret',
      ticket: 't',
      email: 'ada@example.org',
      minLength: 15,
      error: 'too_short',
    },
  },
  verify: {
    least: { action: '/v', csrf: 'secret', ticket: 't', email: 'ada@example.org' },
    most: {
      client,
      action: '/v',
      csrf: 'secret',
      ticket: 't',
      email: 'ada@example.org',
      error: 'form_expired',
    },
  },
  'verify-first': {
    least: { action: '/i/1', csrf: 'secret', email: 'ada@example.org', ttl: 86_400 },
    most: {
      client,
      action: '/i/1',
      csrf: 'secret',
      email: 'ada@example.org',
      ttl: 86_400,
      notice: 'wait',
    },
  },
  device: {
    least: { action: '/device', xsrf: 'secret' },
    most: {
      client,
      action: '/device',
      xsrf: 'secret',
      userCode: 'bcdf ghjk',
      error: 'too_many_attempts',
      retryAfter: 61,
    },
  },
  'device-confirm': {
    least: {
      action: '/device',
      xsrf: 'secret',
      userCode: 'BCDF-GHJK',
      scopes: [],
      device: { ip: '192.0.2.1', near: false },
    },
    most: {
      client,
      action: '/device',
      xsrf: 'secret',
      userCode: 'BCDF-GHJK',
      scopes: [{ name: 'profile' }, { name: 'custom' }, { name: 'read', title: 'Read all' }],
      device: { ip: '2001:db8::1', near: true, system: 'Apple TV', program: 'Films' },
    },
  },
  'device-done': { least: {}, most: { client } },
  'device-declined': { least: {}, most: { client } },
  approve: {
    least: { action: '/a', csrf: 'secret', ticket: 't', email: 'ada@example.org', scopes: [] },
    most: {
      client,
      action: '/a',
      csrf: 'secret',
      ticket: 't',
      email: 'ada@example.org',
      bindingMessage: 'Teller 7: 4711',
      scopes: [
        { name: 'openid', required: true },
        { name: 'profile', checked: false },
      ],
      claims: [{ name: 'phone_number', essential: true }],
      resources: [{ name: 'Accounting', scopes: [{ name: 'read', description: 'Reads all' }] }],
      error: 'too_many_attempts',
      retryAfter: 61,
    },
  },
  'approve-done': { least: { allowed: false }, most: { client, allowed: true } },
  requests: {
    least: { email: 'ada@example.org', requests: [] },
    most: {
      client,
      email: 'ada@example.org',
      requests: [
        { href: '/i/1', expiresIn: 30 },
        {
          href: '/i/1',
          name: 'Lumen Invoices',
          bindingMessage: 'Counter 7',
          expiresIn: 600,
        },
      ],
    },
  },
  'link-done': {
    least: { done: 'email_verified' },
    most: { client, done: 'password_changed' },
  },
  'link-invalid': {
    least: { purpose: 'verify' },
    most: { client, purpose: 'reset', againHref: '/f' },
  },
};

const names = Object.keys(models) as (keyof Pages)[];
/** The one script of a page: a file of the theme that leads on when the frames are loaded. */
const ownScript = /<script src="\/assets\/default\/signing-out\.js\?v=\w+" defer><\/script>/;
const render = <K extends keyof Pages>(name: K, model: Partial<Pages[K]> = {}, locale = 'en') =>
  renderer.page(name, locale, { ...models[name].most, ...model }).replace(ownScript, '');
const withClient = (changes: ClientModel) =>
  names.map((name) => render(name, { client: { ...client, ...changes } }));

/** Tags in the order they stand, as `name attribute=value …`. */
const tags = (html: string, name: string): string[] =>
  html.match(RegExp(`<${name}\\b[^>]*>`, 'g')) ?? [];

/** A key that stands where its text should: `login.title`, or `{name}` not filled in. */
const roots = new Set(
  [...renderer.languages.get('en').messages.keys()].map((key) => key.split('.')[0]),
);
const unsaid = RegExp(`\\b(${[...roots].join('|')})\\.[a-z_.]+|\\{\\w+\\}`, 'g');

describe('every page', () => {
  const cases = renderer.languages.codes.flatMap((locale) =>
    names.flatMap((name) => (['least', 'most'] as const).map((size) => ({ locale, name, size }))),
  );

  test.each(cases)('$name in $locale with the $size it can be told is whole', (it) => {
    const html = renderer.page(it.name, it.locale, models[it.name][it.size]);
    expect(html).toMatch(/^\s*<!doctype html>/);
    expect(html).toContain(`<html lang="${it.locale}" dir="ltr">`);
    expect(html).not.toMatch(/undefined|\[object|NaN|<title>\s*(–|<)/);
    expect(html.match(unsaid) ?? []).toEqual([]);
  });

  test('holds no script, no inline style, no event handler and no address elsewhere but the client’s', () => {
    expect(renderer.page('signing-out', 'en', models['signing-out'].least)).toMatch(ownScript);
    for (const name of names) {
      const html = render(name);
      expect(html).not.toMatch(/<script|<style|\sstyle=|\son\w+=/i);
      for (const [, url] of html.matchAll(/(?:href|src)="(https?:[^"]*)"/g)) {
        expect(new URL(url as string).hostname).toMatch(/(^|\.)lumen\.example$/);
      }
    }
  });

  test('is named after itself and the client, and says so when something went wrong', () => {
    expect(render('logout')).toContain('<title>Sign out – Lumen Invoices</title>');
    expect(render('login', { error: undefined })).toContain('<title>Sign in – Lumen Invoices<');
    expect(render('login')).toContain('<title>Error: Sign in – Lumen Invoices</title>');
  });

  test('links to the policy and the terms without telling where the person came from', () => {
    for (const html of names.map((name) => render(name))) {
      expect(html).toContain('<a href="https://lumen.example/privacy" rel="noopener noreferrer">');
      expect(html).toContain('<a href="https://lumen.example/terms" rel="noopener noreferrer">');
      expect(html).toMatch(/<img src="https:\/\/cdn[^>]* referrerpolicy="no-referrer"/);
    }
  });
});

describe('the login page', () => {
  test('has the fields that other software fills in', () => {
    const html = render('login', { error: undefined, remember: undefined });
    const [main, cancel] = html.split('</form>');
    expect(tags(html, 'form')).toEqual([
      '<form class="stack" method="post" action="/i/1">',
      '<form method="post" action="/i/1/abort">',
    ]);
    expect(main).toMatch(/name="email"[^>]* autocomplete="username"[^>]* value="ada@example.org"/);
    expect(main).toMatch(/name="password" type="password" autocomplete="current-password"/);
    expect(main).toMatch(/<input type="checkbox" name="remember"[^>]* checked>/);
    expect(main).toContain('name="csrf" value="secret"');
    expect(cancel).toContain('name="csrf" value="secret"');
    expect(cancel).toContain('name="cancel"');
  });

  test('announces a mistake and ties it to the fields', () => {
    const html = render('login', { error: 'invalid_credentials' });
    expect(html).toMatch(/id="problem" role="alert"/);
    const fields = tags(html, 'input').filter((tag) => /name="(email|password)"/.test(tag));
    expect(fields).toHaveLength(2);
    for (const field of fields)
      expect(field).toMatch(/aria-invalid="true" aria-describedby="problem"/);
  });

  test('says how long to wait', () => {
    expect(render('login')).toContain('You can try again in <bdi>2 minutes</bdi>.');
    expect(render('login', { retryAfter: 5 }, 'de')).toContain('in <bdi>1 Minute</bdi> erneut');
  });
});

describe('the consent page', () => {
  test('has a checkbox for each optional scope and none for a required one', () => {
    const boxes = tags(render('consent'), 'input').filter((tag) => tag.includes('checkbox'));
    expect(boxes).toEqual([
      '<input type="checkbox" name="scope" value="profile" checked>',
      '<input type="checkbox" name="scope" value="offline_access">',
      '<input type="checkbox" name="scope" value="custom" checked>',
      '<input type="checkbox" name="claim" value="birthdate" checked>',
      '<input type="checkbox" name="claim" value="nickname">',
      '<input type="checkbox" name="claim" value="shoe_size" checked>',
      '<input type="checkbox" name="scope" value="r1 email" checked>',
    ]);
  });

  test.each(renderer.languages.codes)('has words for every standard claim in %s', (locale) => {
    const claims = Object.values(Config.parse({}).claims).flat();
    const { messages } = renderer.languages.get(locale);
    expect(claims.filter((claim) => !messages.has(`claims.${claim}.title`))).toEqual([]);
    expect(render('consent', {}, locale)).toContain('<bdi class="name">shoe_size</bdi>');
  });

  test('has two decisions in the one form', () => {
    const html = render('consent');
    expect(tags(html, 'form')).toHaveLength(1);
    expect(html).toMatch(/name="decision" value="allow">Allow</);
    expect(html).toMatch(/name="decision" value="deny">Deny</);
  });

  test('does not describe a resource’s scope by the standard one of the same name', () => {
    expect(render('consent')).not.toContain('Your email address');
    expect(render('consent')).toContain('Send mail in your name');
  });

  test.each([
    ['https://app.example:8443/cb', 'to <bdi>app.example:8443</bdi>'],
    ['http://127.0.0.1:5123/cb', 'an application on this device (<bdi>127.0.0.1:5123</bdi>)'],
    ['http://[::1]:5123/cb', 'an application on this device (<bdi>[::1]:5123</bdi>)'],
    ['com.example.app:/cb', 'an application on this device (<bdi>com.example.app</bdi>)'],
    ['https://аpple.example/', 'to <bdi>xn--pple-43d.example</bdi>'],
  ])('says where %s leads', (redirectUri, sentence) => {
    expect(render('consent', { redirectUri })).toContain(sentence);
  });
});

test('the logout page inserts the form as it is and refers to it by both buttons', () => {
  const html = render('logout');
  expect(html).toContain(form);
  expect(html).toMatch(/type="submit" form="op\.logoutForm" name="logout" value="yes">Sign out</);
  expect(html).toMatch(/type="submit" form="op\.logoutForm">Stay signed in</);
});

test('the error page shows number and time, but not a code it does not know', () => {
  const html = render('error', { code: 'title><script>' });
  expect(html).toContain(`<code class="id">${id}</code>`);
  expect(html).toContain('<time datetime="2026-03-14T09:26:53.000Z">');
  expect(html).toContain('That did not work');
  expect(html).not.toContain('script');
});

describe('hostile values', () => {
  test.each([
    ['markup', `"><script>alert('1')</script><img src=x onerror=alert(1)>`],
    ['an attribute', `' autofocus onfocus=alert(1) x='`],
    ['a template', '{{ 7777 * 7777 }}{% include "/etc/passwd" %}'],
  ])('%s comes out as text', (_, value) => {
    const html = [
      ...withClient({ client_name: value, description: value, contacts: [value] }),
      render('login', { email: value, csrf: value, action: value }),
      render('consent', { scopes: [{ name: value, description: value }], redirectUri: value }),
      render('error', { id: value }),
    ].join('');
    expect(html).not.toMatch(/<script|<img src=x|60481729/);
    for (const tag of html.match(/<[a-z][^>]*>/g) ?? []) {
      expect(tag.replace(/"[^"]*"/g, '')).not.toMatch(/onerror|onfocus/);
    }
  });

  test('bidi overrides, line breaks and control characters are gone', () => {
    const name = 'Bank\u202egnp.exe\u2066\r\nSet-Cookie: a=1\u0000\u2028\u200b';
    for (const html of withClient({ client_name: name })) {
      expect([...'\u202e\u2066\r\u0000\u2028\u200b'].filter((sign) => html.includes(sign))).toEqual(
        [],
      );
      expect(html).toMatch(/Bankgnp\.exe {2}Set-Cookie: a=1/);
    }
  });

  test('a heap of combining marks is levelled', () => {
    const html = render('logout', { client: { client_name: `Z${'\u0301'.repeat(50)}` } });
    expect(html).not.toMatch(/\u0301{5}/);
  });

  test('a name stands apart in direction, and an endless one is cut', () => {
    const html = render('logout', { client: { client_name: 'א'.repeat(1_000_000) } });
    expect(html).toContain(`<bdi>${'א'.repeat(79)}…</bdi>`);
    expect(html.length).toBeLessThan(10_000);
  });

  test.each([
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    ' https://lead.example',
    '\thttps://tab.example',
    'java\nscript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'intent://x',
    '//evil.example',
    '/path',
    'https:evil.example',
    'https://bank.example@evil.example/',
    'https://good.example\\@evil.example/',
    'https://',
    'ftp://evil.example/',
  ])('%j is neither linked nor loaded', (url) => {
    const all = { logo_uri: url, policy_uri: url, tos_uri: url, client_uri: url };
    for (const html of withClient(all)) {
      expect(html).not.toMatch(
        /(?<!<iframe hidden |id="next" )(href|src)="(?!\/(assets\/|f"|i\/1"))/,
      );
    }
  });

  test('metadata named after what objects have comes to nothing', () => {
    const extra_metadata = JSON.parse('{"__proto__":{"a":1},"constructor":"x","toString":"y"}');
    for (const html of withClient({ extra_metadata })) expect(html).toContain('Lumen Invoices');
    expect(({} as { a?: number }).a).toBeUndefined();
  });
});

describe('themes', () => {
  const folder = join(scratch, 'themed');
  const write = (file: string, text: string) => {
    mkdirSync(join(folder, file, '..'), { recursive: true });
    writeFileSync(join(folder, file), text);
  };

  test('a theme’s own template and asset win, the rest comes from the default', () => {
    write('default/layout.njk', '<i>{% block content %}{% endblock %}</i>{{ asset("a.css") }}');
    write('default/login.njk', '{% extends "layout.njk" %}{% block content %}login{% endblock %}');
    write('default/logout.njk', '{% extends "layout.njk" %}{% block content %}out{% endblock %}');
    write('default/assets/a.css', 'a {}');
    write('default/assets/b.svg', '<svg/>');
    write('default/assets/notes.txt', 'not served');
    write(
      'acme/login.njk',
      '{% extends "default/layout.njk" %}{% block content %}ACME{% endblock %}',
    );
    write('acme/assets/a.css', 'a { background: url("c.svg") }');
    write('acme/assets/c.svg', '<svg/>');
    const acme = createRenderer({ ...options, views: folder, theme: 'acme' });
    expect(acme.page('login', 'en', models.login.least)).toMatch(
      /<i>ACME<\/i>\/assets\/acme\/a.css/,
    );
    expect(acme.page('logout', 'en', models.logout.least)).toContain('<i>out</i>');
    expect([...acme.assets.keys()].sort()).toEqual([
      '/assets/acme/a.css',
      '/assets/acme/c.svg',
      '/assets/default/a.css',
      '/assets/default/b.svg',
    ]);
    const css = acme.assets.get('/assets/acme/a.css')?.body.toString();
    expect(css).toContain(`url("c.svg?v=${acme.assets.get('/assets/acme/c.svg')?.version}")`);
  });

  test('an unknown theme, a broken template and an unknown language are found at the start', () => {
    const start = (changes: Partial<typeof options>) => () =>
      createRenderer({ ...options, ...changes });
    write('broken/login.njk', '{% if %}');
    expect(start({ theme: 'nope' })).toThrow(/No theme nope/);
    expect(start({ theme: '../views/default' })).toThrow(/No theme/);
    expect(start({ views: folder, theme: 'broken' })).toThrow(/login\.njk/);
    expect(start({ defaultLocale: 'tlh' })).toThrow(/add tlh\.json/);
  });

  test('pages name their assets by version, and those may be kept for good', () => {
    const [, path, version] =
      /href="(\/assets\/default\/clientele\.css)\?v=(\w+)"/.exec(render('login')) ?? [];
    const asset = renderer.assets.get(path as string);
    expect(asset).toMatchObject({
      type: 'text/css; charset=utf-8',
      version,
      etag: `"${version}"`,
      cacheControl: 'public, max-age=31536000, immutable',
    });
    expect(asset?.body.toString()).not.toMatch(/@import|https?:|data:/);
  });
});

describe('languages', () => {
  const languages = loadLanguages(locales, 'en');
  const placeholders = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([all]) => all).sort();

  test.each(languages.codes.filter((code) => code !== 'en'))(
    '%s has the keys of English, and their placeholders',
    (code) => {
      const english = languages.get('en').messages;
      const other = languages.get(code).messages;
      // What the code says has its English there; see test/locales.test.ts.
      const own = [...other.keys()].filter((key) => !key.startsWith('api.'));
      expect(own.sort()).toEqual([...english.keys()].sort());
      for (const [key, text] of english) {
        expect([key, placeholders(other.get(key) ?? '')]).toEqual([key, placeholders(text)]);
      }
    },
  );

  test.each([
    [undefined, undefined, 'en'],
    ['', '', 'en'],
    ['de', 'en', 'de'],
    ['de-AT', undefined, 'de'],
    ['DE-Latn-AT', undefined, 'de'],
    ['fr de en', undefined, 'de'],
    ['fr', 'de', 'de'],
    ['fr', 'it', 'en'],
    [undefined, 'de-AT,de;q=0.9,en;q=0.8', 'de'],
    [undefined, 'en;q=0.2, de;q=0.8', 'de'],
    [undefined, 'de;q=0, en;q=0.1', 'en'],
    [undefined, 'fr, *;q=0.5, de;q=0.1', 'en'],
    [undefined, 'de;q=x, de;q=2, en', 'en'],
    [undefined, ';;;,,,=', 'en'],
    ['__proto__ constructor', '../../etc/passwd', 'en'],
    [undefined, `${'x,'.repeat(1_000_000)}de`, 'en'],
  ])('ui_locales %j and Accept-Language %.60j speak %s', (uiLocales, acceptLanguage, spoken) => {
    expect(languages.negotiate(uiLocales, acceptLanguage)).toBe(spoken);
  });

  test('the default is the operator’s choice', () => {
    expect(loadLanguages(locales, 'de').negotiate('fr', '*')).toBe('de');
  });

  test('a language lacking a text says it in the default one, in its own direction', () => {
    const folder = join(scratch, 'languages');
    mkdirSync(folder);
    const write = (file: string, text: string) => writeFileSync(join(folder, file), text);
    write('en.json', '{"dir":"ltr","a":{"b":"Hi {who}"},"c":"<C>"}');
    write('ar.json', '{"dir":"rtl","c":"ج"}');
    const { get, speech, negotiate } = loadLanguages(folder, 'en');
    expect(get('ar').dir).toBe('rtl');
    expect(speech('ar').html('a.b', { who: '<b>' })).toBe('Hi <bdi>&lt;b&gt;</bdi>');
    expect(speech('ar').html('c')).toBe('ج');
    expect(speech('en').html('c')).toBe('&lt;C&gt;');
    expect(negotiate('ar-EG', undefined)).toBe('ar');
    write('xx.json', '{"dir":"ltr","n":1}');
    expect(() => loadLanguages(folder, 'en')).toThrow(/xx\.json: n is not a text/);
    write('xx.json', '{"dir":"ltr"');
    expect(() => loadLanguages(folder, 'en')).toThrow(/xx\.json is not JSON: .*/);
    write('xx.json', '"dir"');
    expect(() => loadLanguages(folder, 'en')).toThrow(/xx\.json: an object of texts/);
  });
});
