/** What values of a client's properties may be: the schemas and lists that `metadata.ts` is made of. */
import { z } from 'zod';
import { nestsDeeper } from '../lib/json-depth.ts';
import { valueTexts } from '../lib/value-words.ts';

// Control and format characters, which hide, reorder or join text (Unicode TR36, section 3.2), and
// those that are letters by name and draw nothing: a name of these alone would look like no name.
const invisible =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|[\u115f\u1160\u2800\u3164\uffa0]|\u034f|[\u17b4\u17b5]|[\u180b-\u180f]/u;
/** White space and what only chooses how the character before it looks. */
const blank = /^(\s|[\ufe00-\ufe0f])+$/;

/** A line of text that shows what it is. @param max UTF-16 units */
export const line = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine((value) => !invisible.test(value), {
      error: valueTexts.visible,
    })
    .refine((value) => !blank.test(value), {
      error: valueTexts.seen,
    });

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);
export const isLoopback = (url: URL): boolean => LOOPBACK.has(url.hostname);

/**
 * An address that is shown or fetched: https, or http on loopback; no user. Written as every reader
 * takes it: without the slashes, a link on a page of ours would lead to a page of ours.
 */
export const link = z
  .string()
  .max(1024)
  .refine(
    (value) => {
      const url = URL.parse(value);
      const secure = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url));
      const absolute = /^https?:\/\/[^/]/.test(value) && !/[\s\\]/.test(value);
      return secure && absolute && !url.username && !url.password && isPlain(value);
    },
    { error: valueTexts.https },
  );

/** An address that the server calls. @source OpenID Connect Back-Channel Logout 1.0, section 2.2 */
export const endpoint = link.refine((value) => !value.includes('#'), {
  error: valueTexts.no_fragment,
});

/** @source OpenID Connect Core 1.0, section 4; OpenID Connect Dynamic Client Registration 1.0, section 5 */
const isHttps = [
  (value: string) => !value.startsWith('http:'),
  { error: valueTexts.https_always },
] as const;
export const httpsLink = link.refine(...isHttps);
export const httpsEndpoint = endpoint.refine(...isHttps);

const isPlain = (value: string) => !invisible.test(value);

/** Addresses that people are sent to; what each must be is a rule. */
export const uris = z.array(z.string().min(1).max(2048)).max(50);

/** A list without repetitions. */
export const setOf = <T extends z.ZodType>(item: T, max: number) =>
  z
    .array(item)
    .max(max)
    .refine((values) => new Set(values).size === values.length, {
      error: valueTexts.no_repetition,
    });

/** A public key (RFC 7517, section 4); its members are looked at by rules. */
export const key = z
  .record(z.string(), z.unknown())
  .refine((value) => JSON.stringify(value).length <= 16_384, { error: valueTexts.key_length })
  .refine((value) => !nestsDeeper(JSON.stringify(value), 8), { error: valueTexts.key_depth });

/** @source RFC 6749, section 3.3: scope-tokens and single spaces */
export const scopeList = z
  .string()
  .min(1)
  .max(2048)
  .regex(/^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/, valueTexts.scopes);

/** An authentication context class; requests list them with single spaces. */
export const acr = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, valueTexts.acr);

const grant = 'urn:ietf:params:oauth:grant-type:';
export const DEVICE_CODE = `${grant}device_code` as const;
export const TOKEN_EXCHANGE = `${grant}token-exchange` as const;
export const JWT_BEARER = `${grant}jwt-bearer` as const;
export const CIBA = 'urn:openid:params:grant-type:ciba';

export const grantTypes = [
  'authorization_code',
  'implicit',
  'refresh_token',
  'client_credentials',
  DEVICE_CODE,
  CIBA,
  TOKEN_EXCHANGE,
  JWT_BEARER,
] as const;

/** How a client learns that a person has decided. @source OpenID Connect CIBA Core 1.0, section 5 */
export const deliveryModes = ['poll', 'ping'] as const;

export const responseTypes = [
  'code',
  'id_token',
  'code id_token',
  'code token',
  'code id_token token',
  'id_token token',
  'token',
  'none',
] as const;

export const responseModes = [
  'query',
  'fragment',
  'form_post',
  'web_message',
  'jwt',
  'query.jwt',
  'fragment.jwt',
  'form_post.jwt',
  'web_message.jwt',
] as const;

export const authMethods = [
  'none',
  'client_secret_post',
  'client_secret_basic',
  'client_secret_jwt',
  'private_key_jwt',
  'tls_client_auth',
  'self_signed_tls_client_auth',
  'attest_jwt_client_auth',
] as const;

export const clientTypes = [
  'web',
  'single-page-application',
  'native',
  'server-to-server',
  'device',
  'financial',
] as const;

export const profileNames = [
  'fapi1-baseline',
  'fapi1-advanced',
  'fapi2-security-profile',
  'fapi2-message-signing',
] as const;

/** What the server signs with, and what clients may sign with. */
export const signingAlgs = ['RS256', 'PS256', 'ES256', 'Ed25519'] as const;
/** `EdDSA` is what many libraries still write where RFC 9864 says `Ed25519`. */
export const clientSigningAlgs = ['HS256', ...signingAlgs, 'EdDSA'] as const;
/** Without those that take the client's secret for a key (OpenID Connect CIBA Core 1.0, section 7.1.1). */
export const asymmetricAlgs = [...signingAlgs, 'EdDSA'] as const;
export const encryptionAlgs = [
  'RSA-OAEP',
  'RSA-OAEP-256',
  'ECDH-ES',
  'A128KW',
  'A256KW',
  'dir',
] as const;
/** What request objects are encrypted with: a key of the server, or the client's secret. */
export const serverEncryptionAlgs = ['RSA-OAEP-256', 'ECDH-ES'] as const;
/** The server has keys for these. */
export const keyAlgs = [...signingAlgs, ...serverEncryptionAlgs] as const;
export const requestEncryptionAlgs = [...serverEncryptionAlgs, 'A128KW', 'A256KW', 'dir'] as const;
export const encryptionEncs = ['A128CBC-HS256', 'A128GCM', 'A256CBC-HS512', 'A256GCM'] as const;

/** Whether a JWE algorithm takes the client's secret for its key (RFC 7518, section 4.4 and 4.5). */
export const isSymmetric = (alg: string | undefined): boolean =>
  alg !== undefined && /^(HS|A\d|dir$)/.test(alg);

/** Which tokens a client may exchange for its own, and how. @source RFC 8693, section 1.1 */
export const tokenExchange = z.strictObject({
  subject_clients: setOf(z.string().min(1).max(256), 100).min(1),
  delegation: z.boolean().default(false),
  impersonation: z.boolean().default(false),
});

/** Names that mean something else than a value to programs that read the metadata. */
export const RESERVED = ['__proto__', 'constructor', 'prototype'] as const;

export const extraMetadata = z
  .record(z.string().min(1).max(64), z.string().max(256))
  .refine((value) => Object.keys(value).length <= 10, { error: valueTexts.ten_keys })
  .refine((value) => !RESERVED.some((name) => Object.hasOwn(value, name)), {
    error: valueTexts.reserved,
  })
  .refine(
    (value) => !Object.entries(value).some((pair) => pair.some((part) => /[\0\p{Cs}]/u.test(part))),
    { error: valueTexts.whole_characters },
  );
