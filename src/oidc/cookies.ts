import type { Configuration } from 'oidc-provider';

/** Cookies as narrow as the issuer allows (RFC 6265bis, section 4.1.3). */
export function cookies(issuer: string): NonNullable<Configuration['cookies']> {
  const secure = issuer.startsWith('https:');
  const attributes = { httpOnly: true, sameSite: 'lax', overwrite: true, signed: false } as const;
  return {
    // Not signed: the values are 256 random bits that only the store knows.
    long: attributes,
    short: attributes,
    names: {
      session: secure ? '__Host-session' : 'session',
      interaction: secure ? '__Secure-interaction' : 'interaction',
      resume: secure ? '__Secure-resume' : 'resume',
    },
  };
}
