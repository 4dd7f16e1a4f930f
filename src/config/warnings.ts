import type { Config } from './schema.ts';

const isLoopback = (host: string): boolean =>
  /^(localhost|.*\.localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/.test(host);

type Warning = readonly [applies: (config: Config, issuer: URL) => boolean, text: string];

/** What works but is hardly meant. Each names the option that would have to change. */
const warnings: readonly Warning[] = [
  [
    ({ registration }) => registration.mode === 'open' && registration.open_policy === undefined,
    'registration.mode is open and registration.open_policy is absent: anybody may register clients that send people to any https address',
  ],
  [
    (_, issuer) => issuer.protocol === 'http:' && !isLoopback(issuer.hostname),
    'issuer (ISSUER) is a public http:// address: tokens and passwords travel in the clear; use https://',
  ],
  [
    ({ http }, issuer) => issuer.protocol === 'http:' && http.tls_cert !== undefined,
    'issuer (ISSUER) begins with http:// although http.tls_cert (TLS_CERT) makes this server speak HTTPS only',
  ],
  [
    ({ http }, issuer) =>
      issuer.protocol === 'https:' && http.tls_cert === undefined && !http.trust_proxy,
    'http.trust_proxy (TRUST_PROXY) is off although a proxy must be what speaks HTTPS: everyone seems to come from its address, and limits strike all at once',
  ],
  [
    ({ http }, issuer) => http.port === 0 && issuer.port === '0',
    'issuer (ISSUER) is absent and http.port (PORT) is 0: the issuer cannot name the port that the system chooses; set ISSUER',
  ],
  [
    ({ store_url }) => store_url.startsWith('memory:'),
    'store_url (STORE_URL) is memory: – accounts, clients and keys are gone when the process ends',
  ],
  [
    ({ mail }, issuer) =>
      issuer.protocol === 'https:' && !isLoopback(issuer.hostname) && mail.smtp_url === undefined,
    'mail.smtp_url (SMTP_URL) is absent: links to verify an address or reset a password become files in mail.folder, and reach nobody',
  ],
];

/** What an operator should know of a valid configuration before relying on it; to be logged. */
export function configWarnings(config: Config): string[] {
  const issuer = new URL(config.issuer);
  return warnings.filter(([applies]) => applies(config, issuer)).map(([, text]) => text);
}
