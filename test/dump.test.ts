/**
 * A stolen copy of the store contains nothing usable: a whole flow is run, every secret that it
 * produced is remembered, and the store's own files (or documents) are searched for each of them.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { createAgent, leftFor } from './support/agent.ts';
import { mailsIn, until } from './support/mail.ts';
import { startMongo } from './support/mongo.ts';
import { startOp } from './support/op.ts';
import { createRp, openid } from './support/rp.ts';

interface Place {
  url: string;
  /** Everything that a thief of the store would hold. */
  bytes(): Promise<Buffer>;
  remove(): Promise<void> | void;
}

function inFile(): Place {
  const folder = mkdtempSync(join(tmpdir(), 'clientele-dump-'));
  return {
    url: `sqlite:${join(folder, 'store.db')}`,
    bytes: async () =>
      Buffer.concat(readdirSync(folder).map((file) => readFileSync(join(folder, file)))),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const mongo = await startMongo();

function inMongo(url: string): Place {
  return {
    url,
    async bytes() {
      const client = await MongoClient.connect(url);
      const collections = await client.db().collections();
      const documents = await Promise.all(collections.map((each) => each.find().toArray()));
      await client.close();
      return Buffer.from(JSON.stringify(documents));
    },
    remove: () => {},
  };
}

/** How a secret may stand in a file: as it is, in its bytes, or in their usual spellings. */
const spellings = (secret: string): Buffer[] => {
  const raw = Buffer.from(secret);
  const decoded = Buffer.from(secret, 'base64url');
  return [
    raw,
    Buffer.from(raw.toString('base64')),
    Buffer.from(raw.toString('base64url')),
    Buffer.from(raw.toString('hex')),
    ...(decoded.length >= 12 ? [decoded, Buffer.from(decoded.toString('hex'))] : []),
  ];
};

/** Runs a flow that touches every kind of secret; answers them by name. */
async function flow(
  url: string,
): Promise<{ secrets: Map<string, string>; finish(): Promise<void>; publicText: string }> {
  const op = await startOp({}, { store: url });
  const secrets = new Map<string, string>();
  const keep = (name: string, value: string | undefined) => {
    if (!value || value.length < 16) throw new Error(`the flow had no ${name} to search for`);
    secrets.set(name, value);
  };
  const client = await op.createClient({
    first_party: false,
    client_name: 'A name that may be found',
    post_logout_redirect_uris: ['https://rp.example/bye'],
  });
  const hmac = await op.createClient({ token_endpoint_auth_method: 'client_secret_jwt' });
  const person = await op.createAccount({ password: 'a password that nobody else has' });
  keep('client secret', client.client_secret);
  keep('client secret for HMAC', hmac.client_secret);
  keep('administration client secret', op.adminClient.client_secret);
  keep('password', person.password);
  keep('first administrator’s password', op.config.admin.password);
  keep('SECRETS_KEY', op.config.secrets_key);

  const rp = await createRp(op.issuer, client);
  const agent = createAgent(op.issuer);
  const scope = 'openid email offline_access';
  const started = await rp.start({ scope, prompt: 'consent' });
  keep('state', started.checks.expectedState);
  keep('nonce', started.checks.expectedNonce);
  keep('code verifier', started.checks.pkceCodeVerifier);
  const login = await agent.visit(started.url);
  keep('interaction of login', agent.cookie('interaction')?.value);
  keep('form token', login.forms[0]?.fields.find(([name]) => name === 'csrf')?.[1]);
  const consent = await agent.login(login, person);
  keep('interaction of consent', agent.cookie('interaction')?.value);
  keep('session at consent', agent.cookie('session')?.value);
  const callback = leftFor(await agent.consent(consent));
  keep('session', agent.cookie('session')?.value);
  keep('code', callback.searchParams.get('code') ?? undefined);
  const tokens = await rp.redeem(callback, started);
  keep('access token', tokens.access_token);
  keep('refresh token', tokens.refresh_token);
  keep('ID token', tokens.id_token);
  await rp.userInfo(tokens);
  const refreshed = await rp.refresh(tokens.refresh_token ?? '');
  keep('refreshed access token', refreshed.access_token);
  keep('rotated refresh token', refreshed.refresh_token);

  // Left open, so that they are in the store when it is stolen.
  const second = await rp.start({ scope });
  const unspent = leftFor(await agent.visit(second.url));
  keep('code not yet redeemed', unspent.searchParams.get('code') ?? undefined);
  const pushed = await openid.buildAuthorizationUrlWithPAR(rp.config, {
    ...Object.fromEntries(second.url.searchParams),
    state: 'a pushed state of its own',
  });
  keep('pushed request', pushed.searchParams.get('request_uri')?.split(':').at(-1));
  const stranger = createAgent(op.issuer);
  await stranger.visit((await rp.start({ scope })).url);
  keep('open interaction', stranger.cookie('interaction')?.value);
  const forgotten = await stranger.visit(`${op.issuer}/account/forgot`);
  await stranger.submit(forgotten, { email: person.email });
  const mail = await until('e-mail', () =>
    mailsIn(op.config.mail.folder).find(({ link }) => link.includes('/reset?')),
  );
  keep('ticket of a link', new URL(mail.link).searchParams.get('ticket') ?? undefined);
  const machine = await op.createClient({ type: 'server-to-server' });
  const credentials = await op.post(
    '/token',
    { grant_type: 'client_credentials' },
    { basic: [machine.client_id, machine.client_secret ?? ''] },
  );
  keep('client credentials token', credentials.body.access_token);
  const television = await op.createClient({ type: 'device', redirect_uris: [] });
  const waiting = await op.post('/device/authorize', {
    client_id: television.client_id,
    scope: 'openid',
  });
  keep('device code', waiting.body.device_code);
  const jwks = await op.get('/jwks');
  return { secrets, finish: op.close, publicText: JSON.stringify(jwks.body) };
}

const places: [string, (() => Place) | undefined][] = [
  ['SQLite', inFile],
  ['MongoDB', mongo && (() => inMongo(mongo.url))],
];

describe.each(places)('a copy of the store in %s', (_name, open) => {
  const run = open ? test : test.skip;
  run('holds no token, code, session, interaction, key, secret or password of a flow', async () => {
    const place = (open as () => Place)();
    const { secrets, finish, publicText } = await flow(place.url);
    try {
      const bytes = await place.bytes();
      // What shows that the search can find something: this name is there in clear.
      expect(bytes.includes('A name that may be found')).toBe(true);
      const found = [...secrets]
        .filter(([, value]) => spellings(value).some((spelling) => bytes.includes(spelling)))
        .map(([name]) => name);
      expect(found).toEqual([]);
      expect(secrets.size).toBeGreaterThanOrEqual(22);
      // No private key, whichever way it is written: not even its public half is there in clear.
      const { keys } = JSON.parse(publicText) as { keys: { n?: string; x?: string }[] };
      for (const key of keys) {
        expect(spellings(key.n ?? key.x ?? '').some((each) => bytes.includes(each))).toBe(false);
      }
      expect(bytes.includes('PRIVATE KEY')).toBe(false);
    } finally {
      await finish();
      await place.remove();
    }
  });
});

afterAll(() => mongo?.stop());
