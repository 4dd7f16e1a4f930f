/**
 * The protocol: `oidc-provider`, configured from our configuration and bound to our clients,
 * accounts, resources and store. This folder is the only one that imports it. A registration decides
 * what a client may do; the engine enforces it; what the engine leaves to its operator is here.
 */
import {
  type AdapterFactory,
  type Configuration,
  type KoaContextWithOIDC,
  Provider,
} from 'oidc-provider';
import type { Accounts } from '../accounts/accounts.ts';
import type { Consents } from '../accounts/consents.ts';
import type { Clients } from '../clients/clients.ts';
import type { Resources } from '../clients/resources.ts';
import type { Usage } from '../clients/usage.ts';
import type { Config } from '../config/schema.ts';
import type { Log } from '../lib/log.ts';
import type { Vault } from '../lib/seal.ts';
import { epoch } from '../lib/time.ts';
import { accountFinder } from './account.ts';
import { enabledJWA } from './algorithms.ts';
import { attestation, attestationRoutes } from './attestation.ts';
import { clientAuthMethods } from './auth-methods.ts';
import { authorizationDetails } from './authorization-details.ts';
import {
  completeAuthorization,
  extraParams,
  webMessageResponseMode,
} from './authorization-endpoint.ts';
import { logoutDiscovery } from './browser-state.ts';
import { addCiba, type CibaLimits, ciba, cibaRoutes, limitCibaPolls, type Notify } from './ciba.ts';
import type { AddClaims } from './claims-module.ts';
import { claimsParameter } from './claims-parameter.ts';
import { enforceSecrets, extraProperties } from './client.ts';
import { narrowRefreshRequests } from './conformance.ts';
import { grantLoader } from './consent.ts';
import { cookies } from './cookies.ts';
import { addDeviceFlow, type DevicePages, deviceFlow, deviceRoutes } from './device.ts';
import { type DeviceLimits, limitDeviceCodes } from './device-codes.ts';
import { dPoP, requireNonces } from './dpop.ts';
import { acceptAliases } from './endpoint-aliases.ts';
import { addExtensionGrants } from './grants/extension-grants.ts';
import { requestedFinder } from './interactions.ts';
import type { Keys } from './keys.ts';
import { lifetimes } from './lifetimes.ts';
import {
  type MetadataDocuments,
  metadataDocuments,
  refuseOwnProperties,
} from './metadata-documents.ts';
import { nameMissingGrants } from './missing-grants.ts';
import { endpointAliases, type FindCertificate, mutualTls } from './mtls.ts';
import { createOutgoing } from './outgoing.ts';
import { guardOwners } from './owners.ts';
import { pairwiseIdentifier } from './pairwise.ts';
import { createPolicy, pageDiscovery } from './policy.ts';
import {
  checkAssertion,
  checkIntrospectionType,
  fapiProfile,
  pkceRequired,
  profileOfClient,
} from './profile-requests.ts';
import { refuseReplays } from './replays.ts';
import { checkRequestObject } from './request-claims.ts';
import { decryptRequests } from './request-encryption.ts';
import { followReferences } from './request-references.ts';
import { protocolClaims } from './requested-claims.ts';
import { resourceIndicators } from './resource-indicators.ts';
import { serveWholeRing } from './signer.ts';
import type { StoredSecrets } from './stored-secrets.ts';
import { tokenClaims } from './token-claims.ts';
import { engineResponseTypes } from './token-responses.ts';

/** The pages that the engine itself asks for; the web folder draws them. */
export interface Pages extends DevicePages {
  error(ctx: KoaContextWithOIDC, out: { error: string }, error: Error): Promise<void>;
  logout(ctx: KoaContextWithOIDC, form: string): Promise<void>;
  signedOut(ctx: KoaContextWithOIDC): Promise<void>;
}

export interface Parts extends StoredSecrets {
  config: Config;
  adapter: AdapterFactory;
  /** undefined where no requests are answered. */
  limits: (DeviceLimits & CibaLimits) | undefined;
  keys: Pick<Keys, 'signers' | 'encryptionKeys' | 'decrypting' | 'jwks'>;
  clients: Clients;
  accounts: Accounts;
  resources: Resources;
  consents: Consents;
  usage: Usage;
  vault: Vault;
  log: Log;
  pages: Pages;
  /** What the pages are written in; absent where none are drawn. */
  languages?: readonly string[];
  /** How people learn of back-channel requests; absent where none are answered. */
  notify?: Notify | undefined;
  /** Absent while clients must be registered. */
  documents?: MetadataDocuments | undefined;
  /** Absent where no module is configured. */
  addClaims?: AddClaims | undefined;
  /** Where client certificates come from; without it none does. */
  findCertificate?: FindCertificate | undefined;
}

const routes = {
  ...attestationRoutes,
  ...deviceRoutes,
  ...cibaRoutes,
  authorization: '/authorize',
  end_session: '/logout',
  introspection: '/introspect',
  jwks: '/jwks',
  pushed_authorization_request: '/par',
  revocation: '/revoke',
  token: '/token',
  userinfo: '/userinfo',
} as const;

/** Endpoints that no browser shows a page of. */
export const programPaths: readonly string[] = [
  routes.backchannel_authentication,
  routes.challenge,
  routes.device_authorization,
  routes.introspection,
  routes.jwks,
  routes.pushed_authorization_request,
  routes.revocation,
  routes.token,
  routes.userinfo,
  '/register',
];

/** Browsers of single-page applications, from the origins that they are registered with. */
const allowedOrigin: Configuration['clientBasedCORS'] = (_ctx, origin, client) =>
  (client.redirectUris ?? []).some((uri) => URL.parse(uri)?.origin === origin);

/** Builds the engine. */
export function createProvider(parts: Parts): Provider {
  const { config, pages } = parts;
  const { claims, ttl } = config;
  const outgoing = createOutgoing(config, parts.log);
  const owned = narrowRefreshRequests(guardOwners(parts.adapter));
  const adapter = decryptRequests(followReferences(owned, outgoing), parts.keys.decrypting);
  const scopes = ['openid', 'offline_access', ...Object.keys(claims)];
  const acrs = config.authentication.acr_values;
  const signUp = config.accounts.sign_up === 'on';
  const details = authorizationDetails(parts.resources);

  const provider = new Provider(config.issuer, {
    acrValues: Object.keys(acrs),
    adapter: parts.limits
      ? limitCibaPolls(limitDeviceCodes(adapter, parts.limits), parts.limits)
      : adapter,
    jwks: { keys: [...parts.keys.signers, ...parts.keys.encryptionKeys] },
    cookies: cookies(config.issuer),
    claims: { openid: ['sub'], ...protocolClaims, ...claims },
    scopes,
    clientAuthMethods: clientAuthMethods(config),
    assertJwtClientAuthClaimsAndHeader: checkAssertion(config.issuer),
    enabledJWA,
    responseTypes: engineResponseTypes,
    subjectTypes: ['public', 'pairwise'],
    pairwiseIdentifier: pairwiseIdentifier(parts.pairwiseSalt),
    // Each client decides (openid_conformance); see account.ts.
    conformIdTokenClaims: false,
    discovery: {
      ...endpointAliases(config, routes),
      ...logoutDiscovery(config.issuer),
      ...pageDiscovery(signUp, parts.languages),
      // Registration is ours; see src/registration.
      ...(config.registration.mode !== 'off' && {
        registration_endpoint: `${config.issuer}/register`,
      }),
    },
    clientBasedCORS: allowedOrigin,
    extraTokenClaims: tokenClaims(config.tokens, parts.accounts, parts.addClaims),
    fetch: outgoing,
    extraClientMetadata: { properties: [...extraProperties], validator: refuseOwnProperties },
    extraParams,
    findAccount: accountFinder(parts.accounts),
    interactions: {
      policy: createPolicy(acrs, parts.resources, signUp),
      url: (_ctx, interaction) =>
        `${new URL(config.issuer).pathname.replace(/\/$/, '')}/interaction/${interaction.uid}`,
    },
    loadExistingGrant: grantLoader({ consents: parts.consents, claims }),
    pkce: { required: pkceRequired },
    ttl: lifetimes(ttl),
    // A client with the grant gets refresh tokens: without offline_access they end with the session.
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: async (_ctx, source) => !source.scopes.has('offline_access'),
    rotateRefreshToken: async (ctx) => {
      const { Client, Grant } = ctx.oidc.entities;
      // A grant in use must not end before the tokens that live on it.
      if (Grant && Grant.ttlPercentagePassed() >= 50) {
        Grant.exp = epoch() + ttl.grant;
        await Grant.save();
      }
      return !profileOfClient(Client)?.keepsRefreshTokens;
    },
    renderError: pages.error,
    routes,
    features: {
      attestClientAuth: attestation(config, parts.challengeSecret, outgoing),
      backchannelLogout: { enabled: true },
      ciba: ciba({ accounts: parts.accounts, acrs, notify: parts.notify, limits: parts.limits }),
      claimsParameter: claimsParameter(acrs, claims),
      clientCredentials: { enabled: true },
      clientIdMetadataDocument: metadataDocuments(parts.documents),
      deviceFlow: deviceFlow(pages, requestedFinder(parts.resources, new Set(scopes))),
      devInteractions: { enabled: false },
      dPoP: dPoP(parts.nonceSecret),
      encryption: { enabled: true },
      externalSigningSupport: { enabled: true, ack: 'experimental-01' },
      fapi: { enabled: true, profile: fapiProfile },
      introspection: {
        enabled: true,
        allowedPolicy: async (ctx, client, token) => {
          checkIntrospectionType(ctx, client);
          return client.clientAuthMethod !== 'none' || token.clientId === client.clientId;
        },
      },
      jwtIntrospection: { enabled: true },
      jwtResponseModes: { enabled: true },
      jwtUserinfo: { enabled: true },
      mTLS: mutualTls(config.mtls.mode, parts.findCertificate),
      pushedAuthorizationRequests: { enabled: true },
      requestObjects: { enabled: true, assertJwtClaimsAndHeader: checkRequestObject },
      resourceIndicators: resourceIndicators(parts.resources),
      richAuthorizationRequests: details.feature,
      revocation: {
        enabled: true,
        allowedPolicy: async (_ctx, client, token) => token.clientId === client.clientId,
      },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: pages.logout,
        postLogoutSuccessSource: pages.signedOut,
      },
      webMessageResponseMode,
    },
  });
  enforceSecrets(provider, parts);
  addExtensionGrants(provider, parts, outgoing);
  refuseReplays(provider);
  requireNonces(provider, parts.clients, routes.userinfo);
  addDeviceFlow(provider);
  serveWholeRing(provider, parts.keys.jwks, routes.jwks);
  addCiba(provider);
  nameMissingGrants(provider, routes);
  completeAuthorization(provider, routes.authorization);
  details.follow(provider);
  acceptAliases(provider, config, routes);
  return provider;
}
