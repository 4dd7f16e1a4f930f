/** What the suite's own browser does on this server's pages, in the commands of the suite. */
import type { Setup } from '../family.ts';

type Command = readonly (string | number)[];

interface Task {
  task: string;
  optional?: true;
  match?: string;
  commands: readonly Command[];
}

/** Tasks for a visit that begins at an address. */
interface Script {
  match: string;
  'match-limit'?: number;
  tasks: readonly Task[];
}

/** What a person reads on the pages. */
const texts = { login: 'Sign in', error: 'Error number', signedOut: 'You are signed out' } as const;

/** The module of Session Management is for a real browser: see `visits`. */
export const SESSION_MODULE = 'oidcc-session-management-rp-initiated-logout';

const fill = (id: string, value: string): Command => ['text', 'id', id, value, 'optional'];
const click = (selector: string, ...more: string[]): Command => ['click', 'css', selector, ...more];
/** The page must hold the text; it stands for the picture that a person would take. */
const shows = (text: string, placeholder = 'update-image-placeholder'): Command => [
  ...['wait', 'xpath', '//*'],
  10,
  ...[text, placeholder],
];

/** Scripts for every module, and for those, by their names, that want something else. */
export function browserScripts({ addresses, person, suite }: Setup) {
  const { issuer } = addresses;
  const authorize = `${issuer}/authorize*`;
  const interaction = `${issuer}/interaction*`;
  const logout = `${issuer}/logout*`;

  const onPage = (task: string, match: string, ...commands: Command[]): Task => ({
    task,
    optional: true,
    match,
    commands,
  });
  const login = onPage(
    'sign in',
    interaction,
    fill('email', person.email),
    fill('password', person.password),
    click('form[action] button.primary', 'optional'),
  );
  const consent = onPage(
    'consent',
    interaction,
    click('button[name=decision][value=allow]', 'optional'),
  );
  const error = onPage('error page', authorize, shows(texts.error));
  const left = onPage('has left our pages', interaction, ['wait', 'contains', '/test/', 5]);
  const callback = `${suite.origin}/test/*/callback*`;
  const done = onPage('callback', callback, ['wait', 'id', 'submission_complete', 10]);

  const authorization: Script = { match: authorize, tasks: [login, consent, error, left, done] };
  const confirm = { task: 'confirm', commands: [click('button[name=logout]', 'optional')] };
  const ending: Script = {
    match: logout,
    tasks: [
      confirm,
      onPage('error page', `${issuer}/logout?*`, shows(texts.error)),
      onPage('signed out', `${issuer}/logout/success*`, shows(texts.signedOut)),
    ],
  };

  const looksAtLogin: Script = {
    match: authorize,
    tasks: [{ task: 'login page', match: interaction, commands: [shows(texts.login)] }],
  };
  const again = shows(texts.login, 'update-image-placeholder-optional');
  const signsInAgain: Script = {
    match: authorize,
    tasks: [onPage('login page again', interaction, again), login, consent, left, done],
  };
  const refuses: Script = {
    match: authorize,
    tasks: [{ task: 'refuse', match: interaction, commands: [click('button[name=cancel]')] }, done],
  };
  const looks: Script = {
    match: authorize,
    'match-limit': 1,
    tasks: [{ task: 'only look', match: interaction, commands: [] }],
  };

  const special: Readonly<Record<string, readonly Script[]>> = {
    [SESSION_MODULE]: [],
    'oidcc-registration-logo-uri': [looksAtLogin],
    'oidcc-registration-policy-uri': [looksAtLogin],
    'oidcc-registration-tos-uri': [looksAtLogin],
    'oidcc-prompt-login': [signsInAgain],
    'oidcc-max-age-1': [signsInAgain],
    'fapi1-advanced-final-user-rejects-authentication': [refuses],
    'fapi2-security-profile-final-user-rejects-authentication': [refuses],
    'fapi1-advanced-final-par-ensure-reused-request-uri-prior-to-auth-completion-succeeds': [
      looks,
      authorization,
    ],
    'fapi2-security-profile-final-par-ensure-reused-request-uri-prior-to-auth-completion-succeeds':
      [looks, authorization],
  };
  return { browser: [authorization, ending], special };
}
