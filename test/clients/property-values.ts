/**
 * For every property of a client the values that it is asked about: generated where the declaration
 * says enough (`generated-values.ts`), by hand where it does not.
 */
import type { ClientProperty } from '../../src/clients/metadata.ts';
import { clientSigningAlgs, encryptionAlgs, responseTypes } from '../../src/clients/values.ts';
import { CALLBACK } from '../support/op.ts';
import { byValue, type Context, device, native, service, television, within } from './contexts.ts';
import { generate, schemaOf, withInvisibles } from './generated-values.ts';
import { hostileLinks } from './hostile-values.ts';
import { keyCases, type TableKeys } from './key-values.ts';
import { extraCases, profileCases } from './policy-values.ts';
import { addresses, called, certificate, letters, link, padded, text } from './text-values.ts';
import { type Case, refuse, refuseBy } from './value.ts';

/** Scopes of every server, this many characters of them. */
const scopesOf = (length: number): string => {
  const short = (length + 1) % 7 === 0 ? 0 : 7 - ((length + 1) % 7);
  return [
    ...Array<string>(short).fill('email'),
    ...Array<string>((length + 1 - short * 6) / 7).fill('openid'),
  ].join(' ');
};

const isSymmetric = (value: unknown) => /^(HS|A\d|dir)/.test(String(value));

/** The table. @param served an address of this machine that lists the redirect URIs of every client here */
export function propertyCases(keys: TableKeys, served: string): Record<ClientProperty, Case[]> {
  const { jwks } = keys;
  const signer: Context = { token_endpoint_auth_method: 'private_key_jwt', jwks };
  const needsKeys = (value: unknown): Context => (isSymmetric(value) ? {} : { jwks });

  /** Wraps a key: with the client's secret or with its public key, which must be there. */
  const wrapping = (name: ClientProperty, context: Context = {}): Case[] =>
    within(context, [
      ...byValue(generate(name), needsKeys),
      ...refuseBy(
        'encryption-complete',
        encryptionAlgs.filter((alg) => !isSymmetric(alg) && schemaOf(name).enum?.includes(alg)),
      ),
      ...refuseBy('symmetric-algorithms', encryptionAlgs.filter(isSymmetric), { context: signer }),
    ]);
  const content = (name: ClientProperty, wrap: string, context: Context = {}): Case[] => [
    ...within({ [wrap]: 'dir', ...context }, generate(name)),
    ...within(context, refuseBy('encryption-complete', schemaOf(name).enum ?? [])),
  ];
  const userinfo = { userinfo_signed_response_alg: 'RS256' };
  const authorization = { authorization_signed_response_alg: 'RS256' };

  return {
    type: byValue(
      generate('type'),
      (type) =>
        ({
          'single-page-application': { token_endpoint_auth_method: 'none' },
          native,
          device: television,
          'server-to-server': service,
          financial: {
            ...signer,
            first_party: undefined,
            require_pushed_authorization_requests: true,
            dpop_bound_access_tokens: true,
            id_token_signed_response_alg: 'PS256',
          },
        })[String(type)] ?? {},
    ),
    client_name: text('client_name'),
    description: text('description'),
    software_id: text('software_id'),
    software_version: text('software_version'),
    client_uri: link('client_uri'),
    logo_uri: link('logo_uri'),
    policy_uri: link('policy_uri'),
    tos_uri: link('tos_uri'),
    initiate_login_uri: link('initiate_login_uri'),
    jwks_uri: [
      ...called('jwks_uri'),
      ...refuseBy('client-keys', ['https://rp.example/jwks'], { context: { jwks } }),
    ],
    backchannel_logout_uri: called('backchannel_logout_uri'),
    sector_identifier_uri: [
      ...generate('sector_identifier_uri', padded(served)),
      ...refuse(...hostileLinks, 'https://rp.example/#here'),
      ...withInvisibles('https://rp.example/', 'here'),
      ...refuseBy('engine', ['http://127.0.0.1:1/nobody'], { pointer: '' }),
    ],
    contacts: [
      ...generate('contacts', (index) => `${index}@`.padEnd(242, 'x').concat('.example.com')),
      ...refuse(['ops@'.padEnd(243, 'x').concat('.example.com')]),
      { value: [] },
      ...[
        'ops',
        '@rp.example',
        'ops@rp',
        'ops@@rp.example',
        'Ops <ops@rp.example>',
        'a@b.example,c@d.example',
        'mailto:ops@rp.example',
      ].flatMap((one) => refuse([one])),
      ...['\n', '\r\nBcc: all@evil.example', '\0', '\u202e', ' '].flatMap((one) =>
        refuse([`ops@rp.example${one}`]),
      ),
    ],
    tags: [
      ...generate('tags', (index) => `${index}`.padEnd(32, 'x')),
      ...[[], ['Ünïcode'], ['a.b_c:d-e'], ['1']].map((value) => ({ value })),
      ...refuse(
        ['x'.repeat(33)],
        ['two words'],
        ['-a'],
        ['a/b'],
        ['a', 'a'],
        ['a\0'],
        ['a\u200b'],
        ['a\n'],
        ['<b>'],
      ),
    ],
    application_type: [
      ...byValue(generate('application_type'), (value) => (value === 'native' ? native : {})),
    ],
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
      { value: ['implicit'], context: { response_types: ['id_token'] } },
      { value: ['client_credentials'], context: service },
      { value: [device], context: television },
      { value: ['authorization_code', device, 'refresh_token'] },
      { value: [], context: { response_types: ['none'] } },
      ...refuse(
        ['authorization_code', 'authorization_code'],
        ['password'],
        ['Authorization_Code'],
        ['__proto__'],
      ),
      ...refuseBy('grants-match-responses', [
        [],
        ['implicit'],
        ['authorization_code', 'implicit'],
        ['refresh_token'],
      ]),
      ...within(
        native,
        refuseBy('allowed-grants', [['authorization_code', 'client_credentials']], {
          pointer: '/grant_types/1',
        }),
      ),
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
      ...refuse(['code', 'code'], ['token'], ['CODE'], ['code code'], ['code  id_token']),
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
      ...refuseBy('grants-match-responses', [['id_token'], ['code', 'code id_token']]),
      ...within(service, refuseBy('no-user-flows', [['code']])),
    ],
    response_modes: [
      ...generate('response_modes'),
      ...(schemaOf('response_modes').items?.enum ?? []).map((mode) => ({ value: [mode] })),
      { value: schemaOf('response_modes').items?.enum },
      ...refuse(['query', 'query'], ['web_message'], ['QUERY']),
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
    token_endpoint_auth_method: [
      ...byValue(
        generate('token_endpoint_auth_method'),
        (method) =>
          ({
            none: { type: 'single-page-application' },
            private_key_jwt: { jwks },
            self_signed_tls_client_auth: { jwks: keys.certified },
            tls_client_auth: { tls_client_auth_san_dns: 'rp.example' },
          })[String(method)] ?? {},
      ),
      ...refuseBy('authentication-method', ['private_key_jwt', 'self_signed_tls_client_auth'], {
        pointer: '/jwks',
      }),
      ...refuseBy('authentication-method', ['self_signed_tls_client_auth'], {
        pointer: '/jwks/keys',
        context: { jwks },
      }),
      ...refuseBy('authentication-method', ['tls_client_auth'], {
        pointer: '/tls_client_auth_subject_dn',
      }),
      ...within(native, refuseBy('public-client', ['client_secret_basic', 'client_secret_post'])),
      ...within(service, refuseBy('confidential-client', ['none'])),
    ],
    token_endpoint_auth_signing_alg: [
      ...byValue(generate('token_endpoint_auth_signing_alg'), (alg) =>
        isSymmetric(alg) ? { token_endpoint_auth_method: 'client_secret_jwt' } : signer,
      ),
      ...refuseBy('authentication-method', clientSigningAlgs),
      ...refuseBy('authentication-method', ['HS256'], { context: signer }),
      ...refuse('none', 'HS512', 'RS1'),
    ],
    tls_client_auth_subject_dn: [
      ...certificate('tls_client_auth_subject_dn', padded('CN=')),
      ...within({ token_endpoint_auth_method: 'tls_client_auth' }, [
        { value: 'CN=client,O=Example,C=DE' },
        ...refuseBy('authentication-method', ['client', 'CN=client,', '/C=DE/CN=client']),
      ]),
    ],
    tls_client_auth_san_dns: certificate('tls_client_auth_san_dns', letters),
    tls_client_auth_san_uri: certificate('tls_client_auth_san_uri', letters),
    tls_client_auth_san_ip: [
      ...within({ token_endpoint_auth_method: 'tls_client_auth' }, [
        ...generate('tls_client_auth_san_ip'),
        { value: '192.0.2.7' },
        { value: '2001:db8::7' },
        ...refuseBy('authentication-method', [
          'rp.example',
          '192.0.2',
          '192.0.2.256',
          '192.0.2.7/24',
          'x'.repeat(schemaOf('tls_client_auth_san_ip').maxLength ?? 0),
        ]),
        ...refuse('1'.repeat((schemaOf('tls_client_auth_san_ip').maxLength ?? 0) + 1)),
      ]),
      ...withInvisibles('192.0.2', '.7'),
    ],
    tls_client_auth_san_email: certificate('tls_client_auth_san_email', letters),
    use_mtls_endpoint_aliases: generate('use_mtls_endpoint_aliases'),
    jwks: [...generate('jwks'), ...keyCases(keys)],
    id_token_signed_response_alg: [
      ...generate('id_token_signed_response_alg'),
      ...refuse('none', 'HS256'),
    ],
    userinfo_signed_response_alg: [
      ...generate('userinfo_signed_response_alg'),
      ...refuse('none', 'HS256'),
    ],
    authorization_signed_response_alg: [
      ...generate('authorization_signed_response_alg'),
      ...refuse('none', 'HS256'),
    ],
    introspection_signed_response_alg: [
      ...generate('introspection_signed_response_alg'),
      ...refuse('none', 'HS256'),
    ],
    id_token_encrypted_response_alg: wrapping('id_token_encrypted_response_alg'),
    userinfo_encrypted_response_alg: [
      ...wrapping('userinfo_encrypted_response_alg', userinfo),
      ...refuseBy('encryption-complete', ['dir']),
    ],
    authorization_encrypted_response_alg: wrapping(
      'authorization_encrypted_response_alg',
      authorization,
    ),
    introspection_encrypted_response_alg: wrapping('introspection_encrypted_response_alg'),
    request_object_encryption_alg: [
      ...wrapping('request_object_encryption_alg'),
      ...refuse('RSA-OAEP', 'ECDH-ES'),
    ],
    id_token_encrypted_response_enc: content(
      'id_token_encrypted_response_enc',
      'id_token_encrypted_response_alg',
    ),
    userinfo_encrypted_response_enc: content(
      'userinfo_encrypted_response_enc',
      'userinfo_encrypted_response_alg',
      userinfo,
    ),
    authorization_encrypted_response_enc: content(
      'authorization_encrypted_response_enc',
      'authorization_encrypted_response_alg',
      authorization,
    ),
    introspection_encrypted_response_enc: content(
      'introspection_encrypted_response_enc',
      'introspection_encrypted_response_alg',
    ),
    request_object_encryption_enc: content(
      'request_object_encryption_enc',
      'request_object_encryption_alg',
    ),
    dpop_bound_access_tokens: [
      ...generate('dpop_bound_access_tokens'),
      ...refuseBy('sender-constraint', [true], {
        context: { tls_client_certificate_bound_access_tokens: true },
        pointer: '/tls_client_certificate_bound_access_tokens',
      }),
    ],
    tls_client_certificate_bound_access_tokens: [
      ...generate('tls_client_certificate_bound_access_tokens'),
      ...refuseBy('sender-constraint', [true], {
        context: {
          response_types: ['code token'],
          grant_types: ['authorization_code', 'implicit'],
        },
        pointer: '/response_types/0',
      }),
    ],
    subject_type: [
      ...generate('subject_type'),
      ...refuseBy('pairwise-sector', ['pairwise'], {
        context: { redirect_uris: [CALLBACK, 'https://other.example/'] },
        pointer: '/sector_identifier_uri',
      }),
    ],
    require_pushed_authorization_requests: generate('require_pushed_authorization_requests'),
    require_signed_request_object: [
      ...within({ jwks }, generate('require_signed_request_object')),
      ...refuseBy('request-object-keys', [true]),
    ],
    request_object_signing_alg: [
      ...byValue(generate('request_object_signing_alg'), needsKeys),
      ...refuseBy(
        'request-object-keys',
        clientSigningAlgs.filter((alg) => !isSymmetric(alg)),
      ),
      ...refuseBy('symmetric-algorithms', clientSigningAlgs.filter(isSymmetric), {
        context: signer,
      }),
      ...refuse('none'),
    ],
    default_max_age: generate('default_max_age'),
    require_auth_time: generate('require_auth_time'),
    backchannel_logout_session_required: generate('backchannel_logout_session_required'),
    first_party: generate('first_party'),
    openid_conformance: generate('openid_conformance'),
    disabled: generate('disabled'),
    fapi_profile: profileCases(signer),
    extra_metadata: extraCases,
  };
}
