import { type Adapter, type AdapterFactory, Provider } from 'oidc-provider';

/** What is redeemed at the token endpoint for a grant's tokens. */
const redeemed: ReadonlySet<string> = new Set([
  'AuthorizationCode',
  'BackchannelAuthenticationRequest',
  'DeviceCode',
  'RefreshToken',
]);

/** What belongs to a grant, as the engine names it. */
const grantable = ['AccessToken', ...redeemed] as const;

/**
 * What leads to nothing before a person has decided, on the server itself and about a client that is
 * named to them: nobody but that client gains by it, so a stranger does not end it for its client.
 */
const safeWhilePending: ReadonlySet<string> = new Set(['BackchannelAuthenticationRequest']);

/**
 * Codes and refresh tokens work for their own client. Whoever presents another's has what was never
 * given to them, so it is not to be trusted any more, nor what it led to: the grant is revoked. The
 * engine refuses such a request and leaves the rest as it was.
 * @source RFC 6749, section 10.5; RFC 9700, section 4.5; OpenID Connect CIBA Core 1.0, section 11
 */
export function guardOwners(factory: AdapterFactory): AdapterFactory {
  async function spoil(adapter: Adapter, id: string, grantId: string | undefined): Promise<void> {
    await adapter.destroy(id);
    if (grantId === undefined) return;
    await Promise.all([
      factory('Grant').destroy(grantId),
      ...grantable.map((name) => factory(name).revokeByGrantId(grantId)),
    ]);
  }

  const guarded = (adapter: Adapter, name: string): Adapter => ({
    ...adapter,
    async find(id) {
      const found = await adapter.find(id);
      const oidc = Provider.ctx?.oidc;
      const foreign = found && oidc?.route === 'token' && found.clientId !== oidc.client?.clientId;
      const pending = safeWhilePending.has(name) && found?.grantId === undefined;
      if (foreign && !pending) await spoil(adapter, id, found.grantId);
      return found;
    },
  });

  return (name) => (redeemed.has(name) ? guarded(factory(name), name) : factory(name));
}
