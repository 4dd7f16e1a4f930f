/** What the driver of the OpenID Foundation's suite must know of this server: addresses, pages, clients. */

export interface StaticClient {
  client_id: string;
  client_secret?: string;
}

export interface Registered {
  issuer: string;
  /** Of the plans in the suite; the callbacks of clients with static registration hold it. */
  alias: string;
  /** Of the person whom the suite's browser signs in. */
  person: { email: string; password: string };
  static: Readonly<Record<string, StaticClient>>;
}

const id = (name: string, value: string) => ['text', 'id', name, value, 'optional'];
const click = (selector: string, ...more: string[]) => ['click', 'css', selector, ...more];

export const settingsOf = ({ issuer, alias, person, static: clients }: Registered) => ({
  extends: 'example.json',
  alias,
  issuers: { core: issuer, fapi: issuer },
  login: [
    id('email', person.email),
    id('password', person.password),
    click('form[action] button.primary', 'optional'),
  ],
  consent: [click('button[name=decision][value=allow]', 'optional')],
  cancel: [click('button[name=cancel]')],
  logoutConfirm: [click('button[name=logout]', 'optional')],
  loginPageText: 'Sign in',
  errorPageText: 'Error number',
  logoutErrorText: 'Error number',
  signedOutText: 'You are signed out',
  url: {
    authorize: `${issuer}/authorize*`,
    interaction: `${issuer}/interaction*`,
    endSession: `${issuer}/logout*`,
    endSessionError: `${issuer}/logout?*`,
    signedOut: `${issuer}/logout/success*`,
  },
  hooks: {},
  static: clients,
});
