import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { TOKEN_EXCHANGE } from '../src/clients/values.ts';
import { type Child, freePort, start } from './child.ts';
import type { HttpClient } from './client.ts';
import { basic, type Credentials, claims, type Fixture, metadata } from './fixture.ts';

const token = (bytes = 32) => randomBytes(bytes).toString('base64url');

/** How our server is started, again and again on the same store. */
export interface Ours {
  /** @param flags of Node */
  start(...flags: string[]): Promise<Child>;
  admin: Credentials;
  /** What its SECRETS_KEY is. */
  secrets: string;
}

/** @param store its URL; absent: a SQLite file in `folder` */
export function createOurs(folder: string, store = `sqlite:${join(folder, 'clientele.db')}`): Ours {
  const admin = { client_id: 'bench-admin', client_secret: token() };
  const secrets = process.env.SECRETS_KEY ?? token();
  return {
    admin,
    secrets,
    async start(...flags) {
      const port = await freePort();
      return start({
        name: 'ours',
        args: [...flags, join(import.meta.dirname, '../src/main.ts')],
        env: {
          PORT: String(port),
          ISSUER: `http://127.0.0.1:${port}`,
          STORE_URL: store,
          SECRETS_KEY: secrets,
          LOG_LEVEL: 'info',
          ADMIN_EMAIL: 'admin@example.com',
          ADMIN_PASSWORD: token(),
          ADMIN_CLIENT_ID: admin.client_id,
          ADMIN_CLIENT_SECRET: admin.client_secret,
        },
        port,
        ready: '/health/ready',
        folder,
      });
    },
  };
}

/** The Authorization header of an administrator. @param scope of the REST API */
export async function administrator(
  http: HttpClient,
  url: string,
  admin: Credentials,
  scope: string,
): Promise<string> {
  const granted = await http.send(
    {
      to: '/token',
      headers: { authorization: basic(admin) },
      form: {
        grant_type: 'client_credentials',
        resource: `${url}/api/v1`,
        scope,
      },
    },
    200,
  );
  return `Bearer ${JSON.parse(granted.body).access_token}`;
}

/** Makes the clients, the person and the resource, through the REST API. */
export async function provision(
  http: HttpClient,
  url: string,
  admin: Credentials,
): Promise<Fixture> {
  const scope = 'clients:write accounts:write resources:write';
  const authorization = await administrator(http, url, admin, scope);
  const api = `${url}/api/v1`;
  const create = async (kind: string, json: object) =>
    JSON.parse(
      (await http.send({ to: `${api}/${kind}`, headers: { authorization }, json }, 201)).body,
    );

  const email = `ada-${token(6)}@example.com`;
  const password = token(12);
  const resource = { identifier: `https://api.example.com/${token(6)}`, scope: 'read' };
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signer = {
    private: pair.privateKey.export({ format: 'jwk' }),
    public: pair.publicKey.export({ format: 'jwk' }),
  };
  const web: Credentials = await create('clients', {
    type: 'web',
    client_name: 'Bench',
    first_party: false,
    ...metadata.web,
    jwks: { keys: [signer.public] },
  });
  const service: Credentials = await create('clients', {
    type: 'server-to-server',
    client_name: 'Bench service',
    ...metadata.service,
    grant_types: [...metadata.service.grant_types, TOKEN_EXCHANGE],
    token_exchange: { subject_clients: [web.client_id], impersonation: true },
  });
  const device: Credentials = await create('clients', {
    type: 'device',
    client_name: 'Bench device',
    ...metadata.device,
  });
  await create('accounts', { ...claims, email, password });
  await create('resources', {
    identifier: resource.identifier,
    scopes: [{ name: resource.scope }],
    access_token_format: 'jwt',
    access_token_signing_alg: 'ES256',
    access_token_ttl: 3600,
    access: [web, service].map(({ client_id }) => ({ client_id, scopes: [resource.scope] })),
  });
  const credentials = ({ client_id, client_secret }: Credentials) => ({ client_id, client_secret });
  return {
    web: credentials(web),
    service: credentials(service),
    device: { client_id: device.client_id },
    signer,
    account: { email, password, claims },
    resource,
  };
}
