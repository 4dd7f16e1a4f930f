import { authenticationMethod } from './authentication-method.ts';
import { backchannelRequests } from './backchannel-requests.ts';
import { clientKeys } from './client-keys.ts';
import { confidentialGrants, tokenExchangePolicy } from './extension-grants.ts';
import { frontchannelLogout } from './frontchannel-logout.ts';
import { grantsMatchResponses } from './grants-match-responses.ts';
import { implicitWarning } from './implicit-warning.ts';
import { pairwiseSector } from './pairwise-sector.ts';
import { proofKey, proofKeyOff } from './proof-key.ts';
import { redirectUris } from './redirect-uris.ts';
import { requestObjects } from './request-objects.ts';
import { responseEncryption } from './response-encryption.ts';
import { type AppliedRule, apply } from './rule.ts';
import { secretAlgorithms } from './secret-algorithms.ts';
import { senderConstraint } from './sender-constraint.ts';

const registration = 'OpenID Connect Dynamic Client Registration 1.0, section 2';

/** The rules that every client must keep, whatever its type and profile. */
export const baseRules: readonly AppliedRule[] = [
  apply(redirectUris, 'RFC 9700, section 2.1; RFC 8252, section 7'),
  apply(grantsMatchResponses, registration),
  apply(authenticationMethod, 'RFC 7591, section 2; RFC 8705, section 2; RFC 6749, section 4.4'),
  apply(clientKeys, 'RFC 7591, section 2; RFC 7517, section 4'),
  apply(secretAlgorithms, registration),
  apply(responseEncryption, registration),
  apply(requestObjects, 'RFC 9101, section 10.5'),
  apply(backchannelRequests, 'OpenID Connect CIBA Core 1.0, section 4'),
  apply(senderConstraint, 'RFC 8705, section 3; RFC 9449, section 5'),
  apply(pairwiseSector, 'OpenID Connect Core 1.0, section 8.1'),
  apply(frontchannelLogout, 'OpenID Connect Front-Channel Logout 1.0, section 2'),
  apply(proofKey, 'RFC 9700, section 2.1.1'),
  apply(proofKeyOff, 'RFC 9700, section 2.1.1'),
  apply(implicitWarning, 'RFC 9700, section 2.1.2'),
  apply(confidentialGrants, 'RFC 8693, section 5; RFC 7521, section 4.1'),
  apply(tokenExchangePolicy, 'RFC 8693, section 5'),
];
