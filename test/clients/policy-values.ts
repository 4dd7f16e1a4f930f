/** What only administrators decide and is more than a switch: the profile, and metadata of their own. */
import type { Context } from './contexts.ts';
import { generate } from './generated-values.ts';
import { type Case, refuse } from './value.ts';

/** @param signer authenticates with a key, as every profile allows */
export const profileCases = (signer: Context): Case[] => {
  const common = { ...signer, first_party: false, id_token_signed_response_alg: 'PS256' };
  const second = {
    ...common,
    require_pushed_authorization_requests: true,
    dpop_bound_access_tokens: true,
  };
  const signed = {
    response_modes: ['jwt'],
    require_signed_request_object: true,
    authorization_signed_response_alg: 'PS256',
    introspection_signed_response_alg: 'PS256',
  };
  const advanced = { ...common, ...signed, tls_client_certificate_bound_access_tokens: true };
  const contexts: Readonly<Record<string, Context>> = {
    'fapi1-baseline': common,
    'fapi1-advanced': advanced,
    'fapi2-security-profile': second,
    'fapi2-message-signing': { ...second, ...signed },
  };
  const none = { stored: { value: undefined } };
  return [
    ...generate('fapi_profile')
      .filter(({ value }) => typeof value !== 'boolean')
      .map((one) => (one.rule ? one : { ...one, context: contexts[String(one.value)] ?? {} })),
    { value: true, context: second, stored: { value: 'fapi2-security-profile' } },
    { value: false, ...none },
    { value: null, ...none },
    // What a profile asks for is not there.
    ...Object.keys(contexts).map((value) => ({
      value,
      rule: 'strong-authentication',
      pointer: '/token_endpoint_auth_method',
    })),
    ...refuse('oauth-security-bcp', 'fapi2'),
  ];
};

const exchange = { subject_clients: ['some-client'], delegation: true, impersonation: false };
const subjects = (count: number) => Array.from({ length: count }, (_, index) => `client-${index}`);

export const exchangeCases: Case[] = [
  ...generate('token_exchange'),
  { value: exchange },
  { value: { ...exchange, subject_clients: ['*'] } },
  { value: { ...exchange, subject_clients: subjects(100) } },
  { value: { ...exchange, subject_clients: ['c'.repeat(256)] } },
  {
    value: { subject_clients: ['*'] },
    stored: { value: { subject_clients: ['*'], delegation: false, impersonation: false } },
  },
  ...[[], subjects(101), ['a', 'a'], 'a', null].map((value) => ({
    value: { ...exchange, subject_clients: value },
    rule: 'property-value',
    pointer: '/token_exchange/subject_clients',
  })),
  ...['', 'c'.repeat(257), 7].map((value) => ({
    value: { ...exchange, subject_clients: [value] },
    rule: 'property-value',
    pointer: '/token_exchange/subject_clients/0',
  })),
  ...['delegation', 'impersonation'].map((name) => ({
    value: { ...exchange, [name]: 'true' },
    rule: 'property-value',
    pointer: `/token_exchange/${name}`,
  })),
  {
    value: { ...exchange, resources: ['*'] },
    rule: 'known-property',
    pointer: '/token_exchange/resources',
  },
];

const entries = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`key ${index}`, 'value']));

const reserved = ['__proto__', 'constructor', 'prototype'];

export const extraCases: Case[] = [
  ...generate('extra_metadata').filter(({ value }) => JSON.stringify(value) !== '{"a":"text"}'),
  { value: {} },
  { value: { plan: 'gold', '': undefined } },
  { value: entries(10) },
  { value: { ['k'.repeat(64)]: 'v'.repeat(256) } },
  { value: { plan: '' } },
  { value: { 'a.b/c~d$e': '<b>\u202e\r\n{{ 7*7 }}' } },
  { value: { toString: 'a', hasOwnProperty: 'b' } },
  ...refuse(
    entries(11),
    { plan: 'a\0b' },
    { 'a\0b': 'plan' },
    { plan: '\ud800' },
    { '\udc00': '' },
  ),
  ...[
    { plan: 'v'.repeat(257) },
    { plan: 7 },
    { plan: null },
    { plan: ['a'] },
    { plan: { a: 'b' } },
  ].map((value): Case => ({ value, rule: 'property-value', pointer: '/extra_metadata/plan' })),
  { value: { $gt: 7 }, rule: 'property-value', pointer: '/extra_metadata/$gt' },
  { value: { '': 'v' }, rule: 'property-value', pointer: '/extra_metadata/' },
  {
    value: { ['k'.repeat(65)]: 'v' },
    rule: 'property-value',
    pointer: `/extra_metadata/${'k'.repeat(65)}`,
  },
  ...reserved.map(
    (name): Case => ({
      // As JSON has it: a key like others, which no assignment makes.
      value: Object.fromEntries([[name, 'v']]),
      what: `{ ${name} }`,
      rule: 'property-value',
      ...(name === '__proto__' && { pointer: `/extra_metadata/${name}` }),
      file: {
        because: 'a file refuses such keys wherever they are, before anything is made of them',
        pointer: `/extra_metadata/${name}`,
        rule: 'a key that is not allowed',
      },
    }),
  ),
];
