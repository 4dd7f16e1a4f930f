/**
 * Where client certificates come from: a TLS listener of our own, or a proxy that ends TLS and says
 * in a header what it was shown. A header is believed only of a proxy that the operator names, by the
 * address of the connection itself; from anyone else it is gone before anything reads it.
 */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { BlockList, isIPv6 } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Config } from '../config/schema.ts';
import { certificatesIn, isCurrent, isIssuedBy, isVouchedFor } from '../lib/certificate.ts';
import type { Log } from '../lib/log.ts';
import type { FindCertificate, PresentedCertificate } from '../oidc/mtls.ts';

export interface ClientCertificates {
  /**
   * Takes what a request says of a certificate, before anything else looks at the request; false
   * when that cannot be and the request has been answered.
   */
  admit(request: IncomingMessage, response: ServerResponse): boolean;
  /** undefined while no certificates are taken. */
  find: FindCertificate | undefined;
}

type Mtls = Config['mtls'];

const listOf = (networks: readonly string[]): BlockList => {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    list.addSubnet(address, Number(prefix), isIPv6(address) ? 'ipv6' : 'ipv4');
  }
  return list;
};

// `Ssl_Client_Cert` and `Ssl-Client-Cert` are one header to whatever passes them on as variables.
const nameOf = (header: string): string => header.toLowerCase().replaceAll('_', '-');

/** Removes headers of these names. @returns the values of those that are spelled exactly so */
function takeHeaders(request: IncomingMessage, names: readonly string[]): string[][] {
  const values = names.map((): string[] => []);
  const kept: string[] = [];
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    const [name = '', value = ''] = request.rawHeaders.slice(i, i + 2);
    if (names.includes(nameOf(name))) values[names.indexOf(name.toLowerCase())]?.push(value);
    else kept.push(name, value);
  }
  // Read before the lines that they are made of change.
  const { headers, headersDistinct } = request;
  request.rawHeaders = kept;
  for (const parsed of [headers, headersDistinct]) {
    for (const name of Object.keys(parsed)) if (names.includes(nameOf(name))) delete parsed[name];
  }
  return values;
}

/** The certificate in nginx's `$ssl_client_escaped_cert`; undefined for anything but exactly one. */
function readEscaped(value: string): X509Certificate | undefined {
  try {
    const pem = decodeURIComponent(value).trim();
    return certificatesIn(pem)[0] === pem ? new X509Certificate(pem) : undefined;
  } catch {
    return undefined;
  }
}

const nobody: ClientCertificates = { admit: () => true, find: undefined };

const authoritiesIn = (files: readonly string[]): X509Certificate[] =>
  files.flatMap((path) =>
    certificatesIn(readFileSync(path, 'utf8')).map((pem) => new X509Certificate(pem)),
  );

/** What was sent behind a certificate. */
function sentWith({ issuerCertificate }: X509Certificate): X509Certificate[] {
  return issuerCertificate ? [issuerCertificate, ...sentWith(issuerCertificate)] : [];
}

/** Certificates whose companions are remembered; sessions are resumed within five minutes. */
const REMEMBERED = 1000;

/**
 * Over TLS, where a client sends the authorities in between as well. The listener names no authority
 * in its request (see `listen.ts`), so what vouches for a certificate is found out here.
 */
function fromListener({ ca }: Mtls): ClientCertificates {
  const authorities = authoritiesIn(ca);
  const met = new WeakSet<TLSSocket>();
  /** A resumed session has the certificate alone. */
  const companions = new Map<string, X509Certificate[]>();

  function remember(socket: TLSSocket): void {
    if (met.has(socket)) return;
    met.add(socket);
    const certificate = socket.isSessionReused() ? undefined : socket.getPeerX509Certificate();
    const sent = certificate ? sentWith(certificate) : [];
    if (!certificate || sent.length === 0) return;
    companions.delete(certificate.fingerprint256);
    companions.set(certificate.fingerprint256, sent);
    const [oldest] = companions.keys();
    if (companions.size > REMEMBERED && oldest !== undefined) companions.delete(oldest);
  }

  return {
    admit({ socket }) {
      if (authorities.length > 0 && socket instanceof TLSSocket) remember(socket);
      return true;
    },
    find({ socket }) {
      const certificate = socket instanceof TLSSocket && socket.getPeerX509Certificate();
      if (!certificate || !isCurrent(certificate)) return undefined;
      return {
        certificate,
        isAuthorized: () =>
          isVouchedFor(certificate, companions.get(certificate.fingerprint256) ?? [], authorities),
      };
    },
  };
}

/** A proxy passes on no more than one certificate, so an authority in `mtls.ca` must have issued it. */
function fromProxy(mtls: Mtls, log: Log): ClientCertificates {
  const trusted = listOf(mtls.trusted_proxies);
  const authorities = authoritiesIn(mtls.ca);
  const names = [mtls.header, mtls.verify_header];
  const presented = new WeakMap<IncomingMessage, PresentedCertificate>();

  const isTrusted = ({ remoteAddress = '' }: IncomingMessage['socket']) =>
    trusted.check(remoteAddress, isIPv6(remoteAddress) ? 'ipv6' : 'ipv4');

  /** @returns what is wrong with the request, if anything */
  function take(request: IncomingMessage): string | undefined {
    const [certificates = [], verdicts = []] = takeHeaders(request, names);
    if (!isTrusted(request.socket)) return undefined;
    // A proxy that adds its header to the sender's own would let anyone be anybody.
    if (certificates.length > 1) return `${mtls.header} is there more than once`;
    if (verdicts.length > 1) return `${mtls.verify_header} is there more than once`;
    const [value] = certificates;
    if (!value) return undefined;
    const certificate = readEscaped(value);
    if (!certificate) return `${mtls.header} does not hold one certificate as URL-encoded PEM`;
    if (!isCurrent(certificate)) return undefined;
    presented.set(request, {
      certificate,
      isAuthorized: () =>
        authorities.length > 0 ? isIssuedBy(certificate, authorities) : verdicts[0] === 'SUCCESS',
    });
    return undefined;
  }

  return {
    admit(request, response) {
      const flaw = take(request);
      if (flaw === undefined) return true;
      const said = { proxy: request.socket.remoteAddress, path: request.url?.split('?', 1)[0] };
      log.warn(said, `client certificate refused: ${flaw}`);
      response
        .writeHead(400, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
        .end(JSON.stringify({ error: 'invalid_request', error_description: flaw }));
      return false;
    },
    find: (request) => presented.get(request),
  };
}

const sources: Readonly<Record<Mtls['mode'], (mtls: Mtls, log: Log) => ClientCertificates>> = {
  off: () => nobody,
  direct: fromListener,
  proxy: fromProxy,
};

/** The source that the configuration names. @throws when a file of `mtls.ca` cannot be read */
export const createClientCertificates = (mtls: Mtls, log: Log): ClientCertificates =>
  sources[mtls.mode](mtls, log);
