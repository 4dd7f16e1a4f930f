import type { JWSHeaderParameters, JWTPayload } from 'jose';
import type { UserInfoResponse } from 'openid-client';
import type { Tokens } from '../walk.ts';

/** Everything that one sign-in brought. */
export interface SignedIn {
  request: URL;
  answer: URL;
  tokens: Tokens;
  nonce: string | undefined;
  header: JWSHeaderParameters;
  payload: JWTPayload;
  /** What was verified of the ID token. */
  facts: readonly string[];
  userInfo: UserInfoResponse;
  refreshed: number;
}

/** HTML that is safe to put into HTML. */
class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const safe = (value: unknown): string =>
  value instanceof Html
    ? value.text
    : Array.isArray(value)
      ? value.map(safe).join('')
      : String(value).replaceAll(/[&<>"']/g, (sign) => entities[sign] as string);

/** A template whose values are escaped, but for other such templates. */
const html = (strings: TemplateStringsArray, ...values: unknown[]): Html =>
  new Html(String.raw({ raw: strings }, ...values.map(safe)));

const page = (title: string, content: Html): string =>
  html`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>${title}</title>
  <link rel="stylesheet" href="/style.css">
</head>
<body>
  <main>
${content}
  </main>
</body>
</html>
`.text;

const button = (action: string, label: string, kind = ''): Html => html`
    <form method="post" action="${action}"><button class="${kind}">${label}</button></form>`;

export const startPage = (issuer: string): string =>
  page(
    'Orders',
    html`<section class="card start">
    <h1>Orders</h1>
    <p class="lead">An application that signs people in with the server at <code>${issuer}</code>. It will show what it asked for, what came back, and what it checked.</p>
    ${button('/sign-in', 'Sign in', 'primary')}
  </section>`,
  );

export const noticePage = (sentence: string, detail?: string): string =>
  page(
    'Orders',
    html`<section class="card start">
    <h1>Orders</h1>
    <p class="lead">${sentence}</p>
    ${detail ? html`<p><code>${detail}</code></p>` : ''}
    ${button('/sign-in', 'Sign in', 'primary')}
    <p><a href="/">Back to the start</a></p>
  </section>`,
  );

const list = (pairs: Iterable<readonly [string, unknown]>): Html => html`<dl>
      ${[...pairs].map(
        ([name, value]) => html`<div><dt>${name}</dt><dd><code>${value}</code></dd></div>
      `,
      )}</dl>`;

/** Claims as they are read: times in words beside the number, objects as JSON. */
function claim([name, value]: [string, unknown]): [string, unknown] {
  if (typeof value === 'number' && /^(exp|iat|nbf|auth_time|updated_at)$/.test(name)) {
    return [name, `${value} (${new Date(value * 1000).toISOString().replace('.000', '')})`];
  }
  return [name, typeof value === 'object' ? JSON.stringify(value) : value];
}

/** A secret is shown by its beginning. */
const begin = (secret: string | undefined) => (secret ? `${secret.slice(0, 8)}…` : 'none');

export function signedInPage(signedIn: SignedIn): string {
  const { request, answer, tokens, header, payload, facts, userInfo, refreshed } = signedIn;
  const shown = [...answer.searchParams].map(
    ([name, value]) => [name, name === 'code' ? begin(value) : value] as const,
  );
  const times = refreshed === 1 ? 'once' : `${refreshed} times`;
  return page(
    'Orders – signed in',
    html`<header class="card">
    <h1>Hello${userInfo.name ? html`, <bdi>${userInfo.name}</bdi>` : ''}</h1>
    <p class="lead">You are signed in${refreshed > 0 ? `; the tokens were refreshed ${times}` : ''}.</p>
    <div class="actions">
      ${tokens.refresh_token ? button('/refresh', 'Refresh', 'primary') : ''}
      ${button('/sign-out', 'Sign out')}
    </div>
  </header>

  <section class="card wide">
    <h2>ID token</h2>
    <ul class="facts">
      ${facts.map((fact) => html`<li>${fact}</li>`)}
    </ul>
    <div class="columns">
      <div>
        <h3>Header</h3>
        ${list(Object.entries(header))}
      </div>
      <div>
        <h3>Claims</h3>
        ${list(Object.entries(payload).map(claim))}
      </div>
    </div>
  </section>

  <section class="card">
    <h2>UserInfo</h2>
    ${list(Object.entries(userInfo).map(claim))}
  </section>

  <section class="card">
    <h2>Tokens</h2>
    ${list([
      ['scope', tokens.scope],
      ['expires_in', `${tokens.expires_in} s`],
      ['access_token', begin(tokens.access_token)],
      ['refresh_token', begin(tokens.refresh_token)],
    ])}
  </section>

  <section class="card">
    <h2>What was asked</h2>
    <p class="note"><code>${request.origin}${request.pathname}</code></p>
    ${list(request.searchParams)}
  </section>

  <section class="card">
    <h2>What came back</h2>
    <p class="note"><code>${answer.origin}${answer.pathname}</code></p>
    ${list(shown)}
  </section>`,
  );
}
