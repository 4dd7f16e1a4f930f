/** How a client asks people who are not in its browser (CIBA). */
import { CIBA } from '../../src/clients/values.ts';
import { byValue, publicClient, within } from './contexts.ts';
import { generate } from './generated-values.ts';
import { fragments, localLinks } from './hostile-values.ts';
import { link } from './text-values.ts';
import { type Case, refuse, refuseBy } from './value.ts';

const rule = 'backchannel-requests';
const asking = { grant_types: ['authorization_code', CIBA] };
const where = { backchannel_client_notification_endpoint: 'https://rp.example/ping' };

/** Values of `grant_types`, which agree with these properties. */
export const backchannelGrants: Case[] = [
  { value: asking.grant_types, context: { backchannel_token_delivery_mode: 'poll' } },
  {
    value: [...asking.grant_types, 'refresh_token'],
    context: { backchannel_token_delivery_mode: 'ping', ...where },
  },
  ...refuseBy(rule, [asking.grant_types], { pointer: '/backchannel_token_delivery_mode' }),
  ...refuseBy(rule, [asking.grant_types], {
    context: { backchannel_token_delivery_mode: 'poll', subject_type: 'pairwise' },
    pointer: '/subject_type',
  }),
  ...refuseBy(rule, [asking.grant_types], {
    context: { backchannel_token_delivery_mode: 'poll', token_endpoint_auth_method: 'none' },
    pointer: '/token_endpoint_auth_method',
    registration: {
      because: 'who registers without a secret gets a type that has no such grant',
      pointer: '/grant_types/1',
      rule: 'allowed-grants',
    },
  }),
  ...within(
    publicClient,
    refuseBy('allowed-grants', [asking.grant_types], {
      context: { backchannel_token_delivery_mode: 'poll' },
      pointer: '/grant_types/1',
    }),
  ),
];

/** @param jwks the client's keys */
export const backchannelValues = (jwks: unknown) =>
  ({
    backchannel_token_delivery_mode: [
      ...byValue(generate('backchannel_token_delivery_mode'), (mode) =>
        mode === 'ping' ? where : {},
      ),
      ...refuse('push'),
      ...refuseBy(rule, ['ping'], { pointer: '/backchannel_client_notification_endpoint' }),
    ],
    backchannel_client_notification_endpoint: link('backchannel_client_notification_endpoint', [
      ...localLinks,
      ...fragments,
    ]),
    backchannel_authentication_request_signing_alg: [
      ...within({ jwks }, generate('backchannel_authentication_request_signing_alg')),
      ...refuse('none', 'HS256'),
      ...refuseBy('request-object-keys', ['PS256']),
    ],
    backchannel_user_code_parameter: [{ value: false }, ...refuse(true, 'false', 0, [], {})],
  }) satisfies Record<string, Case[]>;
