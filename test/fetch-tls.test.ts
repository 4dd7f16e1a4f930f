import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createFetch, type Resolve } from '../src/lib/fetch.ts';

/** Of `rp.example` and signed by itself; made for these tests and used by nothing else. */
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgXi75/QacLJ5rgMJA
K5MoFwm/Cqts0SzQjJZB9Vi5HPihRANCAAS+l2CZmOCg0CRpvKMTpeKT2K3lxApf
rehShMR3d5Yu+T6ATd2FoTIliD8Hs1ltg+87gNT8yKKR1LcYWxn0Si5n
-----END PRIVATE KEY-----`;
const cert = `-----BEGIN CERTIFICATE-----
MIIBZDCCAQqgAwIBAgIBATAKBggqhkjOPQQDAjAVMRMwEQYDVQQDDApycC5leGFt
cGxlMCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAwMDAwWjAVMRMwEQYDVQQD
DApycC5leGFtcGxlMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEvpdgmZjgoNAk
abyjE6Xik9it5cQKX63oUoTEd3eWLvk+gE3dhaEyJYg/B7NZbYPvO4DU/MiikdS3
GFsZ9EouZ6NJMEcwFQYDVR0RBA4wDIIKcnAuZXhhbXBsZTAPBgNVHRMBAf8EBTAD
AQH/MB0GA1UdDgQWBBToh1FUe0uOSRhHxZFm7g/XToinKjAKBggqhkjOPQQDAgNI
ADBFAiEAnLhd5Iap3hjGBkgem8k65Zfh640GERFe2dCNLsepslsCIEpbLfpCwHYI
LjiZneRFQaX8WPGe0kljlPOKUf1iu9UQ
-----END CERTIFICATE-----`;

const server = createServer({ key, cert }, (request, response) => {
  response.end(`${request.headers.host} ${(request.socket as tls.TLSSocket).servername}`);
});
let port: number;
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const here: Resolve = async () => [{ address: '127.0.0.1', family: 4 }];
const fetch = createFetch({ loopback: true, timeout_ms: 2000, max_bytes: 1000 }, here);
const code = (url: string) =>
  fetch(url).then(
    () => 'answered',
    (error) => error.code,
  );

test('a certificate that nobody vouches for is refused', async () => {
  expect(await code(`https://rp.example:${port}/`)).toBe('certificate');
});

describe('a certificate that is vouched for', () => {
  const before = tls.getCACertificates('default');
  beforeAll(() => tls.setDefaultCACertificates([...before, cert]));
  afterAll(() => tls.setDefaultCACertificates(before));

  test('is taken from the host that it names, at the address that was checked', async () => {
    const response = await fetch(`https://rp.example:${port}/`);
    expect(await response.text()).toBe(`rp.example:${port} rp.example`);
  });

  test('is refused from any other host', async () => {
    expect(await code(`https://other.example:${port}/`)).toBe('certificate');
    expect(await code(`https://127.0.0.1:${port}/`)).toBe('certificate');
  });
});
