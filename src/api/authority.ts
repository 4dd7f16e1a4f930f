import { Problem } from '../lib/problem.ts';
import { apiScopes, isRole, scopesOfRoles } from '../oidc/tokens.ts';
import type { ApiParts } from './api.ts';
import type { Call, Route } from './route.ts';

/** The scopes of this API that a call hands out, or takes into its hand. */
type Disposed = (call: Call) => Promise<string[]>;

/** An operator may give the resource scopes of their own; what those allow is not decided here. */
const ours: ReadonlySet<string> = new Set(apiScopes.map(({ name }) => name));

const member = (body: unknown, name: string): unknown =>
  typeof body === 'object' && body !== null && Object.hasOwn(body, name)
    ? (body as Record<string, unknown>)[name]
    : undefined;
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const texts = (value: unknown) =>
  list(value).filter((one): one is string => typeof one === 'string');

/**
 * Nobody gives away more of this API than they have. Who may write clients would otherwise become
 * any client by giving it a secret, and any person by giving it a redirect URI; who may write
 * resources could open the API to themselves, who may write accounts could make an owner.
 */
export function createAuthority({ issuer, accounts, resources }: ApiParts) {
  const own = `${issuer}/api/v1`;

  /** What is open to a client by its name; what is open to every client, nobody wins by being one. */
  async function ofClient(id: unknown): Promise<string[]> {
    const access = (await resources.find(own))?.access ?? [];
    return access.filter((rule) => rule.client_id === id).flatMap(({ scopes }) => scopes);
  }

  async function ofAccount(id: string): Promise<string[]> {
    return scopesOfRoles((await accounts.find(id))?.roles ?? []);
  }
  const ofRoles = (body: unknown) => scopesOfRoles(texts(member(body, 'roles')).filter(isRole));

  /** What more of this API a changed list of accesses opens than the one before it. */
  async function ofAccess(id: string | undefined, body: unknown): Promise<string[]> {
    const before = await resources.find(own);
    if (!before || (await resources.get(id ?? '')).value.identifier !== own) return [];
    const open = (client: unknown) =>
      before.access.filter((rule) => rule.client_id === client).flatMap(({ scopes }) => scopes);
    return list(member(body, 'access')).flatMap((rule) => {
      const had = open(member(rule, 'client_id'));
      return texts(member(rule, 'scopes')).filter((scope) => !had.includes(scope));
    });
  }

  const disposed: readonly [path: RegExp, scopes: Disposed][] = [
    [/^\/clients$/, ({ body }) => ofClient(member(body, 'client_id'))],
    [/^\/clients\/\{client_id\}/, ({ params }) => ofClient(params.client_id)],
    [/^\/accounts$/, async ({ body }) => ofRoles(body)],
    [
      /^\/accounts\/\{id\}$/,
      async ({ params, body }) => [...ofRoles(body), ...(await ofAccount(params.id ?? ''))],
    ],
    [/^\/resources\/\{id\}$/, ({ params, body }) => ofAccess(params.id, body)],
  ];

  /** The route, held to that. */
  return (route: Route): Route => {
    const scopes = disposed.find(([path]) => path.test(route.path))?.[1];
    if (route.method === 'get' || !scopes) return route;
    return {
      ...route,
      async handle(call) {
        // A program that deletes itself gives nothing to anybody.
        const itself = call.params.client_id === call.caller.clientId && !call.caller.accountId;
        if (route.method === 'delete' && itself) return route.handle(call);
        const beyond = (await scopes(call)).filter(
          (scope) => ours.has(scope) && !call.caller.scopes.has(scope),
        );
        if (beyond.length > 0) {
          throw new Problem(
            'forbidden',
            `Only who has the scopes ${[...new Set(beyond)].join(', ')} may do this, since it gives them away.`,
          );
        }
        return route.handle(call);
      },
    };
  };
}
