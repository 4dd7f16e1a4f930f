/** Grants that the engine does not have, and is given through `registerGrantType`. */
import type { Provider } from 'oidc-provider';
import type { Accounts } from '../../accounts/accounts.ts';
import type { Resources } from '../../clients/resources.ts';
import { JWT_BEARER, TOKEN_EXCHANGE } from '../../clients/values.ts';
import type { Config } from '../../config/schema.ts';
import type { Fetch } from '../../lib/fetch.ts';
import { createNonces } from '../dpop-nonces.ts';
import type { FindCertificate } from '../mtls.ts';
import { detailsFinder } from './exchanged-details.ts';
import { bearerParameters, jwtBearer } from './jwt-bearer.ts';
import { createProver } from './proof.ts';
import { resourceFinder } from './target.ts';
import { exchangeParameters, tokenExchange } from './token-exchange.ts';

interface Parts {
  config: Config;
  accounts: Accounts;
  resources: Resources;
  nonceSecret: Buffer;
  findCertificate?: FindCertificate | undefined;
}

/** What may be sent more than once; that a token is for one of them alone is said by the grant. */
const repeatable = ['resource', 'audience'];

/** @param fetch the engine's way out */
export function addExtensionGrants(
  provider: Provider,
  { config, accounts, resources, nonceSecret, findCertificate }: Parts,
  fetch: Fetch,
): void {
  const prove = createProver(createNonces(nonceSecret), findCertificate);
  const findResource = resourceFinder(resources);
  const findAccount = (id: string) => accounts.find(id);
  provider.registerGrantType(
    TOKEN_EXCHANGE,
    tokenExchange(findResource, findAccount, prove, detailsFinder(resources)),
    exchangeParameters,
    repeatable,
  );
  provider.registerGrantType(
    JWT_BEARER,
    jwtBearer({
      issuers: config.jwt_bearer.issuers,
      fetch,
      findResource,
      findAccount,
      prove,
    }),
    bearerParameters,
    repeatable,
  );
}
