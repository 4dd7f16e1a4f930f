/** The walk, step by step, in the order it is gone. Adding a step is adding it here. */
import type { Step } from './run.ts';
import * as beginning from './steps/beginning.ts';
import * as ending from './steps/ending.ts';
import * as signIn from './steps/sign-in.ts';
import * as tokens from './steps/tokens.ts';
import type { Walk } from './walk.ts';

/** What a relying party needs to exist. */
export const preparation: readonly Step<Walk>[] = [
  beginning.start,
  beginning.discovery,
  beginning.administration,
  beginning.registration,
];

export const steps: readonly Step<Walk>[] = [
  ...preparation,
  signIn.unknownRedirect,
  signIn.login,
  signIn.consent,
  signIn.response,
  tokens.codeExchange,
  tokens.idToken,
  tokens.userInfo,
  tokens.introspection,
  tokens.refresh,
  tokens.resourceToken,
  tokens.clientCredentials,
  signIn.pkce,
  ending.codeReplay,
  ending.refreshReplay,
  ending.revocation,
  ending.logout,
  ending.sessionTokens,
  ending.deletion,
];
