import { keyFlaw, PRIVATE_MEMBERS } from '../key-strength.ts';
import type { Rule } from './rule.ts';

export const clientKeys: Rule = {
  id: 'client-keys',
  title: 'Keys are public, strong enough and given in one way',
  reads: ['jwks', 'jwks_uri'],
  *check({ jwks, jwks_uri }) {
    if (jwks && jwks_uri) {
      yield {
        pointer: '/jwks_uri',
        detail: 'give keys or their address, not both',
        fix: 'remove one',
        patch: { jwks_uri: null },
      };
    }
    const names = new Set<unknown>();
    for (const [index, key] of (jwks?.keys ?? []).entries()) {
      const pointer = `/jwks/keys/${index}`;
      for (const member of PRIVATE_MEMBERS) {
        if (!Object.hasOwn(key, member)) continue;
        yield {
          pointer: `${pointer}/${member}`,
          detail: 'is private key material, which must never leave the client',
          fix: 'register the public key and replace this key pair',
        };
      }
      const flaw = keyFlaw(key);
      if (flaw)
        yield { pointer: flaw.member ? `${pointer}/${flaw.member}` : pointer, ...flaw.said };
      if (key.kid !== undefined && names.has(key.kid)) {
        yield {
          pointer: `${pointer}/kid`,
          detail: 'names another key of this set too',
          fix: 'give each key its own kid',
        };
      }
      names.add(key.kid);
    }
  },
};
