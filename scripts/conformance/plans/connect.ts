/** The plans of OpenID Connect: profiles, and whether clients register themselves. */
import type { Plan } from './plan.ts';

const responseTypes = ['code', 'code id_token'] as const;
const registrations = ['static', 'dynamic'] as const;
type Registration = (typeof registrations)[number];

/** A plan of OpenID Connect; those with clients of their own run two modules at a time. */
const connect = (
  suffix: string,
  profile: string,
  registration: Registration,
  { variant = {}, client = 'client', ...more }: Partial<Plan> & { client?: string } = {},
): Plan => ({
  name: profile + suffix,
  plan: `oidcc-${profile}-certification-test-plan`,
  variant,
  registered: registration === 'static',
  parallel: registration === 'static' ? 1 : 2,
  config: ({ registered }) =>
    registration === 'static'
      ? {
          client: registered[client],
          client2: registered.client2,
          client_secret_post: registered.client_secret_post,
        }
      : { client: { client_name: 'conf-one' }, client2: { client_name: 'conf-two' } },
  ...more,
});

const suffixOf = (responseType: string) => `-${responseType.replace(' ', '_')}`;

const coreProfiles = ['basic', 'implicit', 'hybrid'].flatMap((flow) => [flow, `formpost-${flow}`]);
const core = coreProfiles.flatMap((profile) =>
  registrations.map((registration) => {
    const variant = {
      server_metadata: 'discovery',
      client_registration: `${registration}_client`,
    };
    return connect(`-${registration}`, profile, registration, { variant });
  }),
);

const registering = responseTypes.flatMap((response_type) => {
  const variant = { response_type };
  return [
    connect(suffixOf(response_type), 'dynamic', 'dynamic', { variant }),
    connect(suffixOf(response_type), '3rdparty-init-login', 'dynamic', { variant, parallel: 1 }),
  ];
});

/** How a session ends. Without a client that is there before, only with those that register. */
const logouts: readonly { profile: string; client?: string; timeout?: number }[] = [
  { profile: 'rp-initiated-logout', client: 'client' },
  { profile: 'backchannel-rp-initiated-logout', client: 'backchannel' },
  { profile: 'frontchannel-rp-initiated-logout', timeout: 60 },
  { profile: 'session-management', timeout: 60 },
];

const logout = logouts.flatMap(({ profile, client, ...more }) => {
  const dynamic = responseTypes.map((response_type) => {
    const variant = { response_type, client_registration: 'dynamic_client' };
    return connect(suffixOf(response_type), profile, 'dynamic', { variant, ...more });
  });
  if (client === undefined) return dynamic;
  const variant = { response_type: 'code', client_registration: 'static_client' };
  return [...dynamic, connect('-static', profile, 'static', { variant, client, ...more })];
});

/** What the server says of itself. */
const discovery = connect('', 'config', 'dynamic', { parallel: 1, config: () => ({}) });

export const connectPlans: readonly Plan[] = [discovery, ...core, ...registering, ...logout];
