/** Authentication context classes that clients ask for by default; the server offers but one here. */
import { generate, schemaOf } from './generated-values.ts';
import { type Case, refuse, refuseBy, refuseMembers } from './value.ts';

const PASSWORD = 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport';
const { maxItems = 0, items } = schemaOf('default_acr_values');
const classes = (count: number) => Array.from({ length: count }, (_, index) => `urn:acr:${index}`);

export const acrCases: Case[] = [
  ...generate('default_acr_values'),
  { value: [PASSWORD] },
  ...refuse([PASSWORD, PASSWORD], classes(maxItems + 1)),
  ...refuseBy('server-offers', [
    ['phr'],
    [PASSWORD, 'phr'],
    [PASSWORD.toLowerCase()],
    ['__proto__'],
    classes(maxItems),
    ['a'.repeat(items?.maxLength ?? 0)],
  ]),
  ...refuseMembers('default_acr_values', [
    'a'.repeat((items?.maxLength ?? 0) + 1),
    'two words',
    ' a',
    'a\n',
    'a"b',
    'a\\b',
    'é',
    '\0',
  ]),
];
