/** What must fit together for client certificates; rows of the table in `rules.ts`. */
import { X509Certificate } from 'node:crypto';
import { certificatesIn } from '../lib/certificate.ts';
import { show } from './mistakes.ts';
import type { Facts, Rule } from './rules.ts';

const isDirect = ({ value }: Facts) => value('mtls.mode') === 'direct';

const needed =
  (name: string, why: string, partner = name): Rule =>
  (facts) => {
    // Of two that go together and one of which is there, another rule tells.
    if (!isDirect(facts) || facts.given(name) || facts.given(partner)) return undefined;
    return {
      path: name,
      found: 'nothing',
      expected: `a value, since mtls.mode is direct (${facts.source('mtls.mode')}) and ${why}`,
      remedy: `set ${facts.meta(name).env ?? name}, or mtls.mode to proxy or off`,
    };
  };

const ownPort: Rule = (facts) => {
  const port = facts.value('mtls.port');
  if (!isDirect(facts) || port === undefined || port !== facts.value('http.port')) return undefined;
  return {
    path: 'mtls.port',
    found: show(port),
    expected: 'another port than http.port, where browsers are not asked for a certificate',
    remedy: 'choose another MTLS_PORT',
  };
};

const ownHeaders: Rule = ({ value }) =>
  value('mtls.header') !== value('mtls.verify_header')
    ? undefined
    : {
        path: 'mtls.verify_header',
        found: show(value('mtls.verify_header')),
        expected: 'another header than mtls.header',
        remedy: 'give the certificate and the result of its verification a header each',
      };

/** How many authorities a PEM file names. @throws when one of them cannot be read */
const authoritiesIn = (pem: string): number =>
  certificatesIn(pem).filter((one) => new X509Certificate(one).ca).length;

const readableAuthorities: Rule = ({ value, readFile }) => {
  const paths = value('mtls.ca');
  for (const path of Array.isArray(paths) ? paths : []) {
    let found: string;
    try {
      if (authoritiesIn(readFile(path)) > 0) continue;
      found = 'which names no authority';
    } catch (error) {
      found = `which cannot be read (${(error as NodeJS.ErrnoException).code})`;
    }
    return {
      path: 'mtls.ca',
      found: `${show(path)}, ${found}`,
      expected: 'the path of a PEM file of certificates of authorities (CA:TRUE)',
      remedy: "give the file's path, not its content, and let this process read it",
    };
  }
  return undefined;
};

export const mtlsRules: readonly Rule[] = [
  needed('mtls.port', 'the listener that asks for certificates needs a port'),
  needed('http.tls_cert', 'the listener speaks TLS with it', 'http.tls_key'),
  needed('http.tls_key', 'the listener speaks TLS with it', 'http.tls_cert'),
  ownPort,
  ownHeaders,
  readableAuthorities,
];
