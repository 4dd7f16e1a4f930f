import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { apiScopes } from '../src/oidc/tokens.ts';
import { type Op, startOp } from './support/op.ts';

/** Where RFC 9728, section 3.1, puts the metadata of a resource: before its path. */
function metadataOf(resource: string): string {
  const { origin, pathname } = new URL(resource);
  return `${origin}/.well-known/oauth-protected-resource${pathname}`;
}

// biome-ignore lint/suspicious/noExplicitAny: what a document holds is what the test is about
const read = async (address: string): Promise<any> => (await fetch(address)).json();

describe.each(['', '/auth'])('the API of an issuer with the path "%s"', (path) => {
  let op: Op;
  let resource: string;
  beforeAll(async () => {
    op = await startOp({}, { path });
    resource = `${op.issuer}/api/v1`;
  });
  afterAll(() => op?.close());

  test('says what it is where its address says, and not where it does not', async () => {
    const response = await fetch(metadataOf(resource));
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^application\/json\b/);
    expect(await response.json()).toEqual({
      resource,
      authorization_servers: [op.issuer],
      scopes_supported: apiScopes.map(({ name }) => name),
      bearer_methods_supported: ['header'],
      dpop_signing_alg_values_supported: expect.arrayContaining(['ES256', 'PS256']),
      tls_client_certificate_bound_access_tokens: false,
      resource_name: 'Clientele administration',
      resource_documentation: `${resource}/openapi.json`,
    });
    const { origin } = new URL(resource);
    for (const other of ['', '/', `${path}/api`, `${path}/api/v1/`, `${path}/api/v2`]) {
      const { status } = await fetch(`${origin}/.well-known/oauth-protected-resource${other}`);
      expect(status).toBe(404);
    }
  });

  test('is kept by caches for five minutes, and read by any origin', async () => {
    for (const response of [await fetch(metadataOf(resource)), await fetch(metadataOf(resource))]) {
      expect(response.headers.get('cache-control')).toBe('public, max-age=300');
      expect(response.headers.get('access-control-allow-origin')).toBe('*');
      const etag = response.headers.get('etag') ?? '';
      const again = await fetch(metadataOf(resource), { headers: { 'if-none-match': etag } });
      expect(again.status).toBe(path ? 200 : 304);
    }
  });

  test('tells a client without a token where to read on, and that leads to one', async () => {
    const refused = await fetch(`${resource}/clients`);
    expect(refused.status).toBe(401);
    const challenge = refused.headers.get('www-authenticate') ?? '';
    const [, address = ''] = /^Bearer [^,]*, resource_metadata="([^"]+)"/.exec(challenge) ?? [];
    expect(address).toBe(metadataOf(resource));
    const metadata = await read(address);
    const { pathname, origin } = new URL(metadata.authorization_servers[0]);
    const wellKnown = `${origin}/.well-known/oauth-authorization-server${pathname.replace(/\/$/, '')}`;
    const { token_endpoint } = await read(wellKnown);
    const { body } = await op.post(
      token_endpoint.slice(op.issuer.length),
      { grant_type: 'client_credentials', resource: metadata.resource, scope: 'clients:read' },
      { basic: [op.adminClient.client_id, op.adminClient.client_secret] },
    );
    const authorization = `Bearer ${body.access_token}`;
    expect((await fetch(`${resource}/clients`, { headers: { authorization } })).status).toBe(200);
  });

  test('says so of a token that is none, too', async () => {
    const headers = { authorization: 'Bearer nothing' };
    const { headers: answered } = await fetch(`${resource}/clients`, { headers });
    expect(answered.get('www-authenticate')).toContain(
      `error="invalid_token", resource_metadata="${metadataOf(resource)}"`,
    );
  });
});

test('certificates are named where they are taken', async () => {
  const op = await startOp({ mtls: { mode: 'proxy' } });
  try {
    const metadata = await read(metadataOf(`${op.issuer}/api/v1`));
    expect(metadata.tls_client_certificate_bound_access_tokens).toBe(true);
  } finally {
    await op.close();
  }
});
