import { wordings } from '../../lib/wording.ts';
import { responseModes } from '../values.ts';
import type { Rule } from './rule.ts';

const jwtModes = responseModes.filter((mode) => mode.endsWith('jwt'));

const says = wordings({
  not_jwt: {
    detail: 'must be JWT modes alone, so that no response can be altered on its way',
    fix: 'jwt',
  },
});

export const jwtResponses: Rule = {
  id: 'jwt-responses',
  title: 'Authorization responses are signed (JARM)',
  says,
  reads: ['response_types', 'response_modes'],
  *check({ response_types, response_modes }) {
    // An ID token beside the code signs the response as well.
    if (response_types.length === 0 || response_types.some((type) => type !== 'code')) return;
    const modes = response_modes ?? [];
    if (modes.length > 0 && modes.every((mode) => jwtModes.includes(mode))) return;
    const kept = modes.filter((mode) => jwtModes.includes(mode));
    yield {
      pointer: '/response_modes',
      ...says.not_jwt(),
      patch: { response_modes: kept.length > 0 ? kept : ['jwt'] },
    };
  },
};
