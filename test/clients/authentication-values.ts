/** How a client proves who it is, and by which keys. */
import { clientSigningAlgs, isSymmetric } from '../../src/clients/values.ts';
import { byValue, type Context, native, publicClient, service, within } from './contexts.ts';
import { generate, schemaOf, withInvisibles } from './generated-values.ts';
import { fragments } from './hostile-values.ts';
import { keyCases, type TableKeys } from './key-values.ts';
import { certificate, letters, link, padded } from './text-values.ts';
import { type Case, refuse, refuseBy } from './value.ts';

/** @param signer authenticates with a key */
export const authenticationValues = (keys: TableKeys, signer: Context) => {
  const { jwks } = keys;
  return {
    token_endpoint_auth_method: [
      ...byValue(
        generate('token_endpoint_auth_method'),
        (method) =>
          ({
            none: publicClient,
            private_key_jwt: { jwks },
            self_signed_tls_client_auth: { jwks: keys.certified },
            tls_client_auth: { tls_client_auth_san_dns: 'rp.example' },
          })[String(method)] ?? {},
      ),
      ...refuseBy('authentication-method', ['private_key_jwt', 'self_signed_tls_client_auth'], {
        pointer: '/jwks',
      }),
      ...refuseBy('authentication-method', ['self_signed_tls_client_auth'], {
        pointer: '/jwks/keys',
        context: { jwks },
      }),
      ...refuseBy('authentication-method', ['tls_client_auth'], {
        pointer: '/tls_client_auth_subject_dn',
      }),
      ...within(native, refuseBy('public-client', ['client_secret_basic', 'client_secret_post'])),
      ...within(service, refuseBy('confidential-client', ['none'])),
    ],
    token_endpoint_auth_signing_alg: [
      ...byValue(generate('token_endpoint_auth_signing_alg'), (alg) =>
        isSymmetric(String(alg)) ? { token_endpoint_auth_method: 'client_secret_jwt' } : signer,
      ),
      ...refuseBy('authentication-method', clientSigningAlgs),
      ...refuseBy('authentication-method', ['HS256'], { context: signer }),
      ...refuse('none', 'HS512', 'RS1'),
    ],
    tls_client_auth_subject_dn: [
      ...certificate('tls_client_auth_subject_dn', padded('CN=')),
      ...within({ token_endpoint_auth_method: 'tls_client_auth' }, [
        { value: 'CN=client,O=Example,C=DE' },
        ...refuseBy('authentication-method', ['client', 'CN=client,', '/C=DE/CN=client']),
      ]),
    ],
    tls_client_auth_san_dns: certificate('tls_client_auth_san_dns', letters),
    tls_client_auth_san_uri: certificate('tls_client_auth_san_uri', letters),
    tls_client_auth_san_ip: [
      ...within({ token_endpoint_auth_method: 'tls_client_auth' }, [
        ...generate('tls_client_auth_san_ip'),
        { value: '192.0.2.7' },
        { value: '2001:db8::7' },
        ...refuseBy('authentication-method', [
          'rp.example',
          '192.0.2',
          '192.0.2.256',
          '192.0.2.7/24',
          'x'.repeat(schemaOf('tls_client_auth_san_ip').maxLength ?? 0),
        ]),
        ...refuse('1'.repeat((schemaOf('tls_client_auth_san_ip').maxLength ?? 0) + 1)),
      ]),
      ...withInvisibles('192.0.2', '.7'),
    ],
    tls_client_auth_san_email: certificate('tls_client_auth_san_email', letters),
    jwks: [...generate('jwks'), ...keyCases(keys)],
    jwks_uri: [
      ...link('jwks_uri', fragments),
      ...refuseBy('client-keys', ['https://rp.example/jwks'], { context: { jwks } }),
    ],
  } satisfies Record<string, Case[]>;
};
