/** Types of authorization details (RFC 9396): those that are asked about, and what names none. */
import { generate } from './generated-values.ts';
import { type Case, refuse } from './value.ts';

const numbered = (index: number) => `type_${index}`;
const named = ['payment_initiation', 'https://schemas.example/accounts', 'urn:bank:pay.v2~a-b'];
const longest = 't'.repeat(128);

export const detailTypeCases: Case[] = [
  ...generate('authorization_details_types', numbered),
  { value: [] },
  { value: named },
  { value: [longest] },
  ...refuse(['a', 'a']),
  ...['', `${longest}t`, ' a', '1a', 'a b', 'a"b', '__proto__', 7].map((value) => ({
    value: [value],
    rule: 'property-value',
    pointer: '/authorization_details_types/0',
  })),
];

/** What a policy names that opens all of these; one more than a client may have among them. */
export const openedTypes = [
  ...named,
  longest,
  'a',
  'true',
  ...Array.from({ length: 51 }, (_, index) => numbered(index)),
];
