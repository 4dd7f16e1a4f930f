import { wordings } from '../../lib/wording.ts';
import type { Rule } from './rule.ts';

const originOf = (uri: string | undefined): string | undefined =>
  uri === undefined ? undefined : URL.parse(uri)?.origin;

const says = wordings({
  other_origin: {
    detail: 'no redirect URI begins with {origin}',
    fix: 'an address with the scheme, host and port of a redirect URI',
  },
});

/** Else a client could have the browsers of other people's visitors load any page in a frame. */
export const frontchannelLogout: Rule = {
  id: 'frontchannel-logout',
  title: 'The front-channel logout URI has the scheme, host and port of a redirect URI',
  says,
  reads: ['frontchannel_logout_uri', 'redirect_uris'],
  *check({ frontchannel_logout_uri: uri, redirect_uris }) {
    const origin = originOf(uri);
    if (origin === undefined || redirect_uris.some((one) => originOf(one) === origin)) return;
    yield {
      pointer: '/frontchannel_logout_uri',
      ...says.other_origin({ origin }),
      patch: { frontchannel_logout_uri: null },
    };
  },
};
