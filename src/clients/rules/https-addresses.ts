import { wordings } from '../../lib/wording.ts';
import type { Rule } from './rule.ts';

const single = [
  'client_uri',
  'logo_uri',
  'policy_uri',
  'tos_uri',
  'initiate_login_uri',
  'jwks_uri',
  'sector_identifier_uri',
  'backchannel_logout_uri',
  'frontchannel_logout_uri',
] as const;
const lists = ['redirect_uris', 'post_logout_redirect_uris', 'request_uris'] as const;

const says = wordings({
  not_https: {
    detail: 'must be https',
    fix: 'an https address',
  },
});

export const httpsAddresses: Rule<{ nativeLoopback: boolean }> = {
  id: 'https-addresses',
  title: 'Every registered address is https',
  says,
  reads: [...single, ...lists, 'application_type'],
  *check(client, { nativeLoopback }) {
    const loopback = nativeLoopback && client.application_type === 'native';
    for (const name of lists) {
      const values = client[name] ?? [];
      for (const [index, value] of values.entries()) {
        if (value.startsWith('https:') || (loopback && value.startsWith('http:'))) continue;
        const instead = value.replace(/^http:/, 'https:');
        yield {
          pointer: `/${name}/${index}`,
          ...says.not_https(),
          ...(instead !== value && { patch: { [name]: values.with(index, instead) } }),
        };
      }
    }
    for (const name of single) {
      const value = client[name];
      if (value === undefined || value.startsWith('https:')) continue;
      const patch = { [name]: value.replace(/^http:/, 'https:') };
      yield { pointer: `/${name}`, ...says.not_https(), patch };
    }
  },
};
