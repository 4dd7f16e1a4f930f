import { describe, expect, test } from '@jest/globals';
import { type ConfigError, loadConfig } from '../src/config/load.ts';
import type { ConfigInput } from '../src/config/schema.ts';
import { createAuthority, issue } from './support/certificates.ts';

const authority = createAuthority();
const files: Readonly<Record<string, string>> = {
  'cert.pem': '',
  'key.pem': '',
  'ca.pem': `Clients CA\n${authority.pem}\n${createAuthority('Another').pem}`,
  'client.pem': issue({}, authority).pem,
  'broken.pem': '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
  'empty.pem': '',
};

const load = (input: ConfigInput) =>
  loadConfig({ CONFIG_FILE: 'op.yaml' }, (path) => {
    const text = path === 'op.yaml' ? JSON.stringify(input) : files[path];
    if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
    return text;
  });

async function mistakesOf(input: ConfigInput) {
  try {
    await load(input);
  } catch (error) {
    if ((error as ConfigError).code === 'config') return (error as ConfigError).mistakes;
    throw error;
  }
  return [];
}

const tls = { tls_cert: 'cert.pem', tls_key: 'key.pem' };
const direct = { mode: 'direct', port: 8443 } as const;

describe('client certificates', () => {
  test('are off, and a proxy is believed on loopback alone', async () => {
    const { mtls } = await load({});
    expect(mtls).toMatchObject({
      mode: 'off',
      trusted_proxies: ['127.0.0.0/8', '::1/128'],
      ca: [],
    });
  });

  test.each<[what: string, input: ConfigInput]>([
    ['off', { mtls: { mode: 'off', ca: ['ca.pem'] } }],
    ['proxy', { mtls: { mode: 'proxy' } }],
    ['proxy', { mtls: { mode: 'proxy', ca: ['ca.pem'], trusted_proxies: ['10.1.2.3/32'] } }],
    ['direct', { http: tls, mtls: direct }],
    [
      'direct',
      { http: tls, mtls: { ...direct, ca: ['ca.pem'], endpoint_base: 'https://m.example' } },
    ],
  ])('%s: %j is in order', async (_, input) => {
    expect(await mistakesOf(input)).toEqual([]);
  });

  test.each<[path: string[], input: ConfigInput]>([
    [['mtls.port'], { http: tls, mtls: { mode: 'direct' } }],
    [['mtls.port', 'http.tls_cert', 'http.tls_key'], { mtls: { mode: 'direct' } }],
    [['http.tls_key'], { http: { tls_cert: 'cert.pem' }, mtls: direct }],
    [['mtls.port'], { http: { ...tls, port: 8443 }, mtls: direct }],
    [['mtls.verify_header'], { mtls: { header: 'x-cert', verify_header: 'x-cert' } }],
    [['mtls.ca'], { mtls: { mode: 'proxy', ca: ['ca.pem', 'gone.pem'] } }],
    [['mtls.ca'], { mtls: { mode: 'proxy', ca: ['client.pem'] } }],
    [['mtls.ca'], { mtls: { mode: 'proxy', ca: ['broken.pem'] } }],
    [['mtls.ca'], { mtls: { mode: 'proxy', ca: ['empty.pem'] } }],
    [['mtls.header'], { mtls: { header: 'X-Client-Cert' } }],
    [['mtls.header'], { mtls: { header: 'x_client_cert' } }],
    [['mtls.trusted_proxies.0'], { mtls: { trusted_proxies: ['0.0.0.0/0'] } }],
    [['mtls.trusted_proxies.0'], { mtls: { trusted_proxies: ['::/0'] } }],
    [['mtls.trusted_proxies.1'], { mtls: { trusted_proxies: ['10.0.0.0/8', '10.0.0.1'] } }],
    [['mtls.trusted_proxies.0'], { mtls: { trusted_proxies: ['10.0.0.0/33'] } }],
    [['mtls.trusted_proxies.0'], { mtls: { trusted_proxies: ['proxy.example/32'] } }],
    [['mtls.trusted_proxies'], { mtls: { trusted_proxies: [] } }],
    [['mtls.endpoint_base'], { mtls: { endpoint_base: 'https://m.example/' } }],
  ])('%j is at fault in %j', async (paths, input) => {
    const mistakes = await mistakesOf(input);
    expect(mistakes.map(({ path }) => path)).toEqual(paths);
    for (const { expected, remedy } of mistakes) {
      expect(expected).toBeTruthy();
      expect(remedy).toBeTruthy();
    }
  });
});
