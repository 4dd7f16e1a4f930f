/**
 * A module of the operator's own that gives access tokens further claims (`tokens.claims_module`), for
 * what no mapping can say. It is trusted as the server itself is: it runs within it, with all its
 * rights. What it may not do is say what the protocol says.
 */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ConfigError, kindOf } from '../config/mistakes.ts';
import { reservedClaims } from '../config/schema.ts';

/** What a module is told of a token that is about to be issued. */
export interface TokenFacts {
  client: {
    client_id: string;
    client_name?: string | undefined;
    type?: string | undefined;
    extra_metadata: Readonly<Record<string, string>>;
  };
  /** Whom it is about, with everything that is known of them; absent: the client itself. */
  account?: Readonly<Record<string, unknown>>;
  token: {
    /** The resource that it is for; absent: UserInfo. */
    audience?: string | undefined;
    scope: string;
    grant_type?: string | undefined;
  };
}

/** Further claims of an access token; it is not issued when this throws. */
export type AddClaims = (facts: TokenFacts) => Promise<Record<string, unknown>>;

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @param path of an ES module, relative to where the server was started @throws {ConfigError} */
export async function loadClaimsModule(path: string | undefined): Promise<AddClaims | undefined> {
  if (path === undefined) return undefined;
  const mistake = (found: string) =>
    new ConfigError([
      {
        path: 'tokens.claims_module',
        source: 'a module that was loaded',
        found: `${JSON.stringify(path)}, ${found}`,
        expected: 'an ES module whose default export is a function',
        remedy: 'correct the module: export default (facts) => ({ claim: value })',
      },
    ]);
  const { default: claimsOf }: { default?: unknown } = await import(
    pathToFileURL(resolve(path)).href
  ).catch((error: Error) => {
    throw mistake(`which fails to load (${error.message})`);
  });
  if (typeof claimsOf !== 'function') throw mistake(`whose default export is ${kindOf(claimsOf)}`);
  return async (facts) => {
    const claims: unknown = (await claimsOf(facts)) ?? {};
    if (!isPlain(claims)) throw new Error(`${path} answered ${kindOf(claims)} and no claims`);
    const reserved = Object.keys(claims).filter((name) => reservedClaims.has(name));
    if (reserved.length > 0) {
      throw new Error(`${path} answered claims of the protocol itself: ${reserved.join(', ')}`);
    }
    return claims;
  };
}
