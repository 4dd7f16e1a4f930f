import { browser } from './browser.ts';
import { curlDevice, curlService, curlWeb } from './curl.ts';
import type { Facts, Sample, Writer } from './facts.ts';
import { goService, goWeb } from './go.ts';
import { javaService, javaWeb } from './java.ts';
import { kotlinNative } from './kotlin.ts';
import { nodeDevice, nodeNative, nodeService, nodeWeb } from './node.ts';
import { pythonService, pythonWeb } from './python.ts';

interface Offer {
  write: Writer;
  /** Absent: always. What a library cannot do without further code is not offered with it. */
  fits?(facts: Facts): boolean;
}

const bySecret = ({ client }: Facts): boolean =>
  client.token_endpoint_auth_method === 'client_secret_basic' && !client.dpop_bound_access_tokens;

/** Nothing is asked of its requests beyond PKCE. */
const plain = (facts: Facts): boolean =>
  bySecret(facts) &&
  !facts.client.require_pushed_authorization_requests &&
  !facts.client.require_signed_request_object;

const isLoopback = ({ redirectUri }: Facts): boolean =>
  /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])[:/]/.test(redirectUri);

const people: readonly Offer[] = [
  { write: nodeWeb, fits: ({ redirectUri }) => /^https?:/.test(redirectUri) },
  { write: pythonWeb, fits: plain },
  { write: javaWeb, fits: plain },
  { write: goWeb, fits: plain },
  { write: curlWeb, fits: plain },
];

const offers: Readonly<Record<string, readonly Offer[]>> = {
  web: people,
  financial: people,
  'single-page-application': [{ write: browser }],
  native: [
    { write: nodeNative, fits: isLoopback },
    { write: kotlinNative, fits: (facts) => !isLoopback(facts) },
  ],
  'server-to-server': [
    { write: nodeService },
    { write: pythonService, fits: bySecret },
    { write: javaService, fits: bySecret },
    { write: goService, fits: bySecret },
    { write: curlService, fits: bySecret },
  ],
  device: [
    { write: nodeDevice },
    { write: curlDevice, fits: ({ client }) => client.token_endpoint_auth_method === 'none' },
  ],
};

/** Types whose clients have nobody sent back to them. */
const withoutRedirects = new Set(['server-to-server', 'device']);

/** The code of a client in each language that its type and registration make sense in. */
export function samplesOf(facts: Facts): readonly Sample[] {
  const { type } = facts.client;
  if (!withoutRedirects.has(type) && !URL.canParse(facts.redirectUri)) return [];
  return (offers[type] ?? [])
    .filter(({ fits }) => fits?.(facts) ?? true)
    .map(({ write }) => write(facts));
}
