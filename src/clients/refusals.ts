/** What refuses a change of a client or a resource beyond its rules, by the name that it has there. */
import { wordings } from '../lib/wording.ts';

export const refusals = {
  'client-id': wordings({
    malformed: {
      detail: 'must be 1 to 256 letters, digits, ".", "_", "~" or "-"',
      fix: 'leave it out to have one generated',
    },
    in_use: { detail: 'is in use', fix: 'another, or leave it out' },
  }),
  'type-is-fixed': wordings({
    fixed: { detail: 'is {type} and stays so', fix: '{type}, or convert the client' },
  }),
  'secret-not-used': wordings({
    unused: { detail: '{method} uses no secret', fix: 'choose another method first' },
  }),
  'too-many-secrets': wordings({
    full: { detail: 'has {most} secrets', fix: 'delete one first' },
  }),
  'last-secret': wordings({
    last: { detail: 'is the last secret that is valid', fix: 'add another one first' },
  }),
  'own-resource': wordings({
    opaque: { detail: 'must be opaque', fix: 'opaque' },
    scope: { detail: 'must keep {scope}', fix: 'add {scope}' },
  }),
  'identifier-is-fixed': wordings({
    fixed: { detail: 'cannot be changed', fix: '{identifier}' },
  }),
};
