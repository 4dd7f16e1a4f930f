/** The keys and certificates of a run, made once in its work folder: the server's, and those of two FAPI clients. */
import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { calculateJwkThumbprint, type JWK } from 'jose';

const clientNames = ['client1', 'client2'] as const;

export interface ClientKeys {
  jwks: { keys: JWK[] };
  publicJwks: { keys: JWK[] };
  /** PEM, as the suite takes them. */
  mtls: { cert: string; key: string; ca: string };
}

export interface Keys {
  /** Paths of PEM files. */
  server: { cert: string; key: string };
  /** The path of the certificate of the clients' authority. */
  authority: string;
  clients: Readonly<Record<(typeof clientNames)[number], ClientKeys>>;
}

/** RSA: the suite's clients sign with PS256. */
const fresh = ['-newkey', 'rsa:2048', '-noenc'];
const lifetime = ['-days', '365'];

async function jwkOf(key: string, cert: string): Promise<JWK> {
  const jwk = createPrivateKey(key).export({ format: 'jwk' }) as JWK;
  const x5c = [new X509Certificate(cert).raw.toString('base64')];
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), use: 'sig', alg: 'PS256', x5c };
}

const publicPart = ({ kty, n, e, kid, use, alg, x5c }: JWK) =>
  ({ kty, n, e, kid, use, alg, x5c }) as JWK;

/** @param folder where they are kept; what is there already is used again */
export async function openKeys(folder: string): Promise<Keys> {
  mkdirSync(folder, { recursive: true });
  const at = (file: string) => join(folder, file);
  const read = (file: string) => readFileSync(at(file), 'utf8');

  const openssl = (...options: string[]) => {
    try {
      execFileSync('openssl', options, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
    } catch (error) {
      const { stderr, message } = error as Error & { stderr?: Buffer };
      throw new Error(`openssl: ${stderr?.toString() || message}`);
    }
  };
  const selfSign = (name: string, ...options: string[]) => {
    if (existsSync(at(`${name}.crt`))) return;
    const files = ['-keyout', `${name}.key`, '-out', `${name}.crt`];
    openssl('req', '-x509', ...fresh, ...lifetime, ...files, ...options);
  };
  const issue = (name: string) => {
    if (existsSync(at(`${name}.crt`))) return;
    const subject = ['-subj', `/O=conf/CN=${name}`];
    openssl('req', ...fresh, '-keyout', `${name}.key`, '-out', `${name}.csr`, ...subject);
    const authority = ['-CA', 'authority.crt', '-CAkey', 'authority.key', '-CAcreateserial'];
    const files = ['-in', `${name}.csr`, '-out', `${name}.crt`];
    openssl('x509', '-req', ...lifetime, ...authority, ...files);
  };

  selfSign('server', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost');
  selfSign('authority', '-subj', '/O=conf/CN=clients');
  const clients = clientNames.map(async (name) => {
    issue(name);
    const mtls = { cert: read(`${name}.crt`), key: read(`${name}.key`), ca: read('authority.crt') };
    const jwk = await jwkOf(mtls.key, mtls.cert);
    const keys = { jwks: { keys: [jwk] }, publicJwks: { keys: [publicPart(jwk)] }, mtls };
    return [name, keys] as const;
  });
  return {
    server: { cert: at('server.crt'), key: at('server.key') },
    authority: at('authority.crt'),
    clients: Object.fromEntries(await Promise.all(clients)) as Keys['clients'],
  };
}
