/** The plans of FAPI and FAPI-CIBA: profiles, how clients authenticate, and what each profile varies. */
import type { ClientKeys } from '../driver/keys.ts';
import type { Setup } from '../family.ts';
import type { Deployment, Plan } from './plan.ts';

/** How clients of the FAPI plans authenticate, by what their ids hold; both kinds of certificate are one to the suite. */
const authentications = { mtls: 'mtls', pkjwt: 'private_key_jwt', tlsca: 'mtls' } as const;
type Authentication = keyof typeof authentications;
const methods = Object.keys(authentications) as Authentication[];

/** The acr that the suite's second FAPI client asks for. */
export const ACR = 'urn:mace:incommon:iap:silver';

interface FapiPlan {
  name: string;
  plan: string;
  variant: Plan['variant'];
  /** What the ids of its clients begin with; those that register themselves have none. */
  clients?: string;
  clientName?: string;
  scope?: string;
}

/** Where the suite spends its tokens: at UserInfo, or at the bank when they are not for that. */
function resourceOf({ addresses }: Setup, { openid, sender_constrain }: Plan['variant']): string {
  if (openid === 'plain_oauth') return `${addresses.bank}/accounts`;
  return `${sender_constrain === 'dpop' ? addresses.issuer : addresses.mutual}/userinfo`;
}

function fapi({ name, plan, variant, clients, clientName, scope }: FapiPlan): Plan {
  const ciba = variant.ciba_mode !== undefined;
  const certificates = !(
    variant.client_auth_type === 'private_key_jwt' && variant.sender_constrain === 'dpop'
  );
  const clientOf = (number: 1 | 2, deployment: Deployment, { jwks }: ClientKeys) => ({
    ...(clients
      ? { client_id: `${clients}-${number}` }
      : {
          client_name: `${clientName}${number === 1 ? '' : number}`,
          initial_access_token: deployment.registrationToken,
        }),
    scope: scope ?? 'openid profile email offline_access',
    jwks,
    ...(number === 2 && { acr_value: ACR }),
    ...(ciba && { hint_type: 'login_hint', hint_value: deployment.person.email }),
  });
  return {
    name,
    plan,
    variant,
    registered: clients !== undefined,
    parallel: 1,
    config: (deployment) => {
      const { client1, client2 } = deployment.keys.clients;
      return {
        client: clientOf(1, deployment, client1),
        client2: clientOf(2, deployment, client2),
        ...(certificates && { mtls: client1.mtls, mtls2: client2.mtls }),
        resource: { resourceUrl: resourceOf(deployment, variant) },
        ...(ciba && {
          automated_ciba_approval_url: `${deployment.addresses.bank}/ciba-sim?authReqId={auth_req_id}&action={action}`,
        }),
      };
    },
  };
}

const fapi1 = methods.flatMap((method) =>
  ['by_value', 'pushed'].flatMap((fapi_auth_request_method) =>
    ['jarm', 'plain_response'].map((fapi_response_mode) =>
      fapi({
        name: `fapi1-${method}-${fapi_auth_request_method}-${fapi_response_mode}`,
        plan: 'fapi1-advanced-final-test-plan',
        variant: {
          client_auth_type: authentications[method],
          fapi_auth_request_method,
          fapi_profile: 'plain_fapi',
          fapi_response_mode,
        },
        clients: `fapi1-${method}`,
      }),
    ),
  ),
);

const fapi2Profiles = {
  fapi2sp: { plan: 'fapi2-security-profile-final-test-plan', variant: {} },
  fapi2ms: {
    plan: 'fapi2-message-signing-final-test-plan',
    variant: { fapi_request_method: 'signed_non_repudiation', fapi_response_mode: 'jarm' },
  },
} as const;

const fapi2 = Object.entries(fapi2Profiles).flatMap(([profile, { plan, variant }]) =>
  methods.flatMap((method) =>
    ['dpop', 'mtls'].flatMap((sender_constrain) =>
      ['openid_connect', 'plain_oauth'].map((openid) => {
        const clients = `${profile}-${method}-${sender_constrain}`;
        return fapi({
          name: `${clients}-${openid}`,
          plan,
          variant: {
            client_auth_type: authentications[method],
            sender_constrain,
            openid,
            authorization_request_type: 'simple',
            fapi_profile: 'plain_fapi',
            ...variant,
          },
          clients,
          ...(openid === 'plain_oauth' && { scope: 'profile email offline_access' }),
        });
      }),
    ),
  ),
);

/** Which certificate a client has makes no difference to one that registers itself. */
const cibaClients = [
  ...methods.map((method) => [method, 'static'] as const),
  ...(['mtls', 'pkjwt'] as const).map((method) => [method, 'dynamic'] as const),
];

const ciba = ['ping', 'poll'].flatMap((ciba_mode) =>
  cibaClients.map(([method, registration]) =>
    fapi({
      name: `ciba-${ciba_mode}-${method}-${registration}`,
      plan: 'fapi-ciba-id1-test-plan',
      variant: {
        client_auth_type: authentications[method],
        ciba_mode,
        fapi_ciba_profile: 'plain_fapi',
        client_registration: `${registration}_client`,
      },
      ...(registration === 'static'
        ? { clients: `ciba-${ciba_mode}-${method}` }
        : { clientName: 'ciba-client' }),
    }),
  ),
);

export const fapiPlans: readonly Plan[] = [...fapi1, ...fapi2, ...ciba];
