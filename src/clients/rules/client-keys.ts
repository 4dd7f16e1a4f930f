import { wordings } from '../../lib/wording.ts';
import { keyFlaw, keyWordings, PRIVATE_MEMBERS } from '../key-strength.ts';
import type { Rule } from './rule.ts';

const says = wordings({
  both: { detail: 'give keys or their address, not both', fix: 'remove one' },
  private: {
    detail: 'is private key material, which must never leave the client',
    fix: 'register the public key and replace this key pair',
  },
  same_kid: { detail: 'names another key of this set too', fix: 'give each key its own kid' },
});

export const clientKeys: Rule = {
  id: 'client-keys',
  title: 'Keys are public, strong enough and given in one way',
  says: { ...says, ...keyWordings },
  reads: ['jwks', 'jwks_uri'],
  *check({ jwks, jwks_uri }) {
    if (jwks && jwks_uri) {
      yield {
        pointer: '/jwks_uri',
        ...says.both(),
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
          ...says.private(),
        };
      }
      const flaw = keyFlaw(key);
      if (flaw)
        yield { pointer: flaw.member ? `${pointer}/${flaw.member}` : pointer, ...flaw.said };
      if (key.kid !== undefined && names.has(key.kid)) {
        yield {
          pointer: `${pointer}/kid`,
          ...says.same_kid(),
        };
      }
      names.add(key.kid);
    }
  },
};
