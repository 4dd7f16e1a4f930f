/** How people come to a client and back. */
import {
  DEVICE_CODE,
  JWT_BEARER,
  responseTypes,
  TOKEN_EXCHANGE,
} from '../../src/clients/values.ts';
import { CALLBACK } from '../support/op.ts';
import { backchannelGrants } from './backchannel-values.ts';
import { byValue, native, publicClient, service, television, within } from './contexts.ts';
import { generate, schemaOf, withInvisibles } from './generated-values.ts';
import { fragments, hostileLinks, localLinks } from './hostile-values.ts';
import { addresses, link, padded } from './text-values.ts';
import { type Case, refuse, refuseBy, refuseMembers } from './value.ts';

/** Scopes of every server, this many characters of them. */
const scopesOf = (length: number): string => {
  const short = (length + 1) % 7 === 0 ? 0 : 7 - ((length + 1) % 7);
  return [
    ...Array<string>(short).fill('email'),
    ...Array<string>((length + 1 - short * 6) / 7).fill('openid'),
  ].join(' ');
};

/** Redirect URIs at every origin that links are tried of. */
const frontchannel = {
  redirect_uris: [
    CALLBACK,
    'https://rp.example:8443/',
    'https://xn--bcher-kva.example/',
    ...localLinks.map((link) => new URL(link).origin.concat('/')),
  ].filter((uri, index, all) => all.indexOf(uri) === index),
};

/** @param served an address of this machine that lists the redirect URIs of every client here */
export const flowValues = (served: string) =>
  ({
    application_type: byValue(generate('application_type'), (value) =>
      value === 'native' ? native : {},
    ),
    redirect_uris: [
      ...addresses('redirect_uris'),
      { value: [], context: service },
      { value: [], rule: 'grants-match-responses' },
      ...within(service, refuseBy('no-user-flows', [[CALLBACK]])),
    ],
    post_logout_redirect_uris: [
      ...addresses('post_logout_redirect_uris'),
      { value: [] },
      ...within(service, refuseBy('no-user-flows', [[CALLBACK]])),
    ],
    grant_types: [
      ...generate('grant_types'),
      { value: ['authorization_code'] },
      { value: ['authorization_code', 'refresh_token'] },
      { value: ['authorization_code', 'client_credentials'] },
      { value: ['authorization_code', DEVICE_CODE, 'refresh_token'] },
      ...backchannelGrants,
      { value: ['implicit'], context: { response_types: ['id_token'] } },
      { value: ['client_credentials'], context: service },
      { value: [TOKEN_EXCHANGE, JWT_BEARER], context: service },
      { value: ['authorization_code', TOKEN_EXCHANGE, JWT_BEARER] },
      ...within(
        publicClient,
        [TOKEN_EXCHANGE, JWT_BEARER].map((grant) => ({
          value: ['authorization_code', grant],
          rule: 'confidential-grants',
          pointer: '/grant_types/1',
        })),
      ),
      { value: [DEVICE_CODE], context: television },
      { value: [], context: { response_types: ['none'] } },
      ...refuse(['authorization_code', 'authorization_code']),
      ...refuseMembers('grant_types', ['password', 'Authorization_Code', '__proto__']),
      ...refuseBy('grants-match-responses', [['implicit'], ['authorization_code', 'implicit']]),
      ...refuseBy('grants-match-responses', [[], ['refresh_token']], {
        pointer: '/response_types/0',
      }),
      ...within(native, [
        {
          value: ['authorization_code', 'client_credentials'],
          rule: 'allowed-grants',
          pointer: '/grant_types/1',
        },
      ]),
    ],
    response_types: [
      ...generate('response_types'),
      ...responseTypes.map((type) => ({
        value: [type],
        context: {
          grant_types: [
            ...(type.includes('code') ? ['authorization_code'] : []),
            ...(type.includes('token') ? ['implicit'] : []),
          ],
        },
      })),
      { value: [...responseTypes], context: { grant_types: ['authorization_code', 'implicit'] } },
      { value: [], context: service },
      ...refuse(['code', 'code']),
      ...refuseMembers('response_types', ['token token', 'CODE', 'code code', 'code  id_token']),
      {
        value: ['token code'],
        context: { grant_types: ['authorization_code', 'implicit'] },
        rule: 'property-value',
        pointer: '/response_types/0',
        registration: {
          because:
            'the order of the words means nothing (RFC 6749, section 3.1.1), and strangers write it as they like',
          stored: ['code token'],
        },
      },
      ...refuseBy('grants-match-responses', [['id_token']], { pointer: '/response_types/0' }),
      ...refuseBy('grants-match-responses', [['code', 'code id_token']], {
        pointer: '/response_types/1',
      }),
      ...within(service, refuseBy('no-user-flows', [['code']])),
    ],
    response_modes: [
      ...generate('response_modes'),
      ...(schemaOf('response_modes').items?.enum ?? []).map((mode) => ({ value: [mode] })),
      { value: schemaOf('response_modes').items?.enum },
      ...refuse(['query', 'query']),
      ...refuseMembers('response_modes', ['web-message', 'QUERY']),
    ],
    scope: [
      ...generate('scope'),
      { value: 'openid' },
      { value: 'openid profile email offline_access' },
      { value: scopesOf(schemaOf('scope').maxLength ?? 0), what: 'the longest' },
      ...refuse(`${scopesOf(schemaOf('scope').maxLength ?? 0)}d`),
      ...refuse(
        ' openid',
        'openid ',
        'openid  email',
        'openid\temail',
        'openid\nemail',
        'openid "a"',
        'a\\b',
        'é',
        '\0',
      ),
      ...refuseBy('server-offers', ['unheard-of', 'openid unheard-of', 'OPENID', '*']),
    ],
    initiate_login_uri: link('initiate_login_uri', localLinks),
    request_uris: [
      ...generate('request_uris', (index) => `https://rp.example/${index}`),
      ...['https://rp.example/r.jwt?a=b', ...fragments, ...localLinks].map((uri) => ({
        value: [uri],
      })),
      { value: [padded('https://rp.example/')(512)], what: '512 characters' },
      ...refuseMembers('request_uris', [padded('https://rp.example/')(513), ...hostileLinks]),
      ...refuse([CALLBACK, CALLBACK]),
      ...within(publicClient, refuseBy('request-object-keys', [['https://rp.example/r.jwt']])),
    ],
    subject_type: [
      ...generate('subject_type'),
      ...refuseBy('pairwise-sector', ['pairwise'], {
        context: { redirect_uris: [CALLBACK, 'https://other.example/'] },
        pointer: '/sector_identifier_uri',
      }),
    ],
    sector_identifier_uri: [
      ...generate('sector_identifier_uri', padded(served)),
      { value: served, context: { subject_type: 'pairwise' } },
      ...refuse(...hostileLinks, ...localLinks, ...fragments),
      ...withInvisibles('https://rp.example/', 'here'),
      // Only a fetch finds out what is there, and its error names no property.
      ...refuseBy('engine', ['https://127.0.0.1:1/nobody'], { pointer: '' }),
    ],
    backchannel_logout_uri: link('backchannel_logout_uri', fragments),
    frontchannel_logout_uri: [
      ...within(frontchannel, link('frontchannel_logout_uri', fragments)),
      ...refuseBy('frontchannel-logout', [
        'https://rp.example:8443/',
        'https://www.rp.example/',
        'http://127.0.0.1/',
      ]),
      ...within(service, refuseBy('frontchannel-logout', ['https://rp.example/'])),
    ],
  }) satisfies Record<string, Case[]>;
