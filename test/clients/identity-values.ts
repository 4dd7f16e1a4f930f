/** Who a client is, in words and links. */
import { byValue, type Context, native, publicClient, service, television } from './contexts.ts';
import { generate } from './generated-values.ts';
import { link, text } from './text-values.ts';
import { type Case, refuse, refuseMembers } from './value.ts';

/** @param signer authenticates with a key */
export const identityValues = (signer: Context) =>
  ({
    type: byValue(
      generate('type'),
      (type) =>
        ({
          'single-page-application': publicClient,
          native,
          device: television,
          'server-to-server': service,
          financial: {
            ...signer,
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
    contacts: [
      ...generate('contacts', (index) => `${index}@`.padEnd(242, 'x').concat('.example.com')),
      { value: [] },
      ...refuseMembers('contacts', [
        'ops@'.padEnd(243, 'x').concat('.example.com'),
        'ops',
        '@rp.example',
        'ops@rp',
        'ops@@rp.example',
        'Ops <ops@rp.example>',
        'a@b.example,c@d.example',
        'mailto:ops@rp.example',
        ...['\n', '\r\nBcc: all@evil.example', '\0', '\u202e', ' '].map(
          (end) => `ops@rp.example${end}`,
        ),
      ]),
    ],
    tags: [
      ...generate('tags', (index) => `${index}`.padEnd(32, 'x')),
      ...[[], ['Ünïcode'], ['a.b_c:d-e'], ['1']].map((value) => ({ value })),
      ...refuse(['a', 'a']),
      ...refuseMembers('tags', [
        'x'.repeat(33),
        'two words',
        '-a',
        'a/b',
        '<b>',
        ...['\0', '\u200b', '\n'].map((end) => `a${end}`),
      ]),
    ],
  }) satisfies Record<string, Case[]>;
