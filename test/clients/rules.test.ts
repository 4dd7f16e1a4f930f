/** Every rule of every type and profile: one change breaks it, and what is offered mends it. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK } from 'jose';
import { profiles, type ReportProfile } from '../../src/clients/profiles.ts';
import { baseRules } from '../../src/clients/rules/all.ts';
import { typeRules } from '../../src/clients/types/all.ts';
import { clientTypes, profileNames } from '../../src/clients/values.ts';
import type { Violation } from '../../src/lib/problem.ts';
import { makeKeys, weakKey } from '../support/keys.ts';
import { type Answer, CALLBACK, type Op, startOp } from '../support/op.ts';
import { baseChanges, type Change, profileChanges, typeChanges } from './changes.ts';

let op: Op;
// The tables name keys, which are made before the tests are.
const keys = await makeKeys();
const weak = await weakKey();
const privateKey = await exportJWK(keys.privateKey);

beforeAll(async () => {
  op = await startOp({ mtls: { mode: 'proxy' } });
});
afterAll(() => op?.close());

const at = (id: string) => `/clients/${encodeURIComponent(id)}`;
const withoutRedirects = ['server-to-server', 'device'];
const base = (type: string) => ({
  type,
  jwks: keys.jwks,
  ...(!withoutRedirects.includes(type) && { redirect_uris: [CALLBACK] }),
});
const create = async (body: object) => {
  const made = await op.admin('/clients', { method: 'POST', body });
  expect(made).toMatchObject({ status: 201, body: { conforming: true, violations: [] } });
  return made.body as { client_id: string };
};

/** Breaks a rule, sees it named, and follows what the server offers until it is content. */
async function breakAndMend(id: string, { rule, change, mend }: Change, spec: RegExp) {
  const before = (await op.admin(at(id))).body;
  const patch = (body: object) => op.admin(at(id), { method: 'PATCH', body });
  let wanted: object = change;
  let answer: Answer = await patch(wanted);
  expect(answer).toMatchObject({ status: 422, body: { code: 'invalid' } });
  const named: Violation[] = answer.body.errors.filter((one: Violation) => one.rule === rule);
  expect(named.length).toBeGreaterThan(0);
  for (const one of named) {
    expect(one.spec).toMatch(spec);
    expect(one.detail).toBeTruthy();
    expect(one.pointer).toMatch(/^\//);
  }
  expect((await op.admin(at(id))).body).toEqual(before);

  if (mend) wanted = { ...wanted, ...mend };
  for (let round = 0; round < 4 && answer.status !== 200; round += 1) {
    const offered = (answer.body.errors as Violation[]).filter((one) => one.patch);
    for (const { patch } of offered) wanted = { ...wanted, ...patch };
    answer = await patch(wanted);
  }
  expect(answer.body.errors ?? []).toEqual([]);
  expect(answer).toMatchObject({ status: 200, body: { conforming: true } });
}

describe.each(profileNames)('of %s', (profile) => {
  const changes = profileChanges(weak, keys.jwks)[profile] ?? [];
  const rules = profiles[profile].rules;

  test('every rule is in the table', () => {
    expect(new Set(changes.map(({ rule }) => rule))).toEqual(new Set(rules.map(({ id }) => id)));
  });

  test.each(changes)('$rule refuses one change, and its fix is accepted', async (change) => {
    const { client_id } = await create({ ...base('web'), fapi_profile: profile });
    await breakAndMend(client_id, change, /^FAPI [12]\.0 .+\d/);
  });
});

describe.each(clientTypes)('of the type %s', (type) => {
  const changes = typeChanges[type] ?? [];

  test('every rule is in the table', () => {
    const ids = new Set(typeRules(type).map(({ id }) => id));
    expect(new Set(changes.map(({ rule }) => rule))).toEqual(ids);
  });

  test.each(changes)('$rule refuses one change, and its fix is accepted', async (change) => {
    const { client_id } = await create(base(type));
    await breakAndMend(client_id, change, /\d/);
  });
});

describe('of every client', () => {
  const changes = baseChanges(keys.jwks, privateKey);

  test('every rule is in the table', () => {
    const ids = baseRules.filter(({ severity }) => severity !== 'warning').map(({ id }) => id);
    expect(new Set(changes.map(({ rule }) => rule))).toEqual(new Set([...ids, 'server-offers']));
  });

  test.each(changes)('$rule refuses one change, and its fix is accepted', async (change) => {
    const { client_id } = await create({ redirect_uris: [CALLBACK] });
    await breakAndMend(client_id, change, /\d|Clientele/);
  });

  test('a warning refuses nothing and is shown', async () => {
    const spa = await op.admin('/clients', {
      method: 'POST',
      body: {
        type: 'single-page-application',
        redirect_uris: [CALLBACK],
        grant_types: ['implicit'],
        response_types: ['id_token token'],
      },
    });
    expect(spa).toMatchObject({
      status: 201,
      body: {
        conforming: true,
        warnings: [{ rule: 'implicit-flow', spec: expect.stringContaining('9700') }],
      },
    });
  });
});

describe('the compliance report', () => {
  const report = (id: string, profile?: string) =>
    op.admin(`${at(id)}/compliance${profile ? `?profile=${profile}` : ''}`);

  test.each(Object.keys(profiles) as ReportProfile[])(
    'of an ordinary client against %s names each rule, and its repair leads there',
    async (profile) => {
      const { client_id } = await create({
        ...base('web'),
        redirect_uris: ['http://localhost/callback'],
        first_party: true,
      });
      const first = await report(client_id, profile);
      expect(first.status).toBe(200);
      expect(first.body).toMatchObject({ profile, set: false, conforming: false });
      const rules = first.body.rules as { rule: string; pass: boolean; spec: string }[];
      expect(rules.map(({ rule }) => rule)).toEqual(profiles[profile].rules.map(({ id }) => id));
      expect(rules.filter(({ pass }) => !pass).length).toBeGreaterThan(0);
      expect(rules.filter(({ pass }) => pass).length).toBeGreaterThan(0);
      expect(first.body.repair.remaining).toEqual([]);

      const set = profile === 'oauth-security-bcp' ? {} : { fapi_profile: profile };
      const patched = await op.admin(at(client_id), {
        method: 'PATCH',
        body: { ...first.body.repair.patch, ...set },
      });
      expect(patched.status).toBe(200);
      const second = await report(client_id, profile);
      expect(second.body).toMatchObject({
        conforming: true,
        set: profile !== 'oauth-security-bcp',
        repair: { patch: {}, remaining: [] },
      });
    },
  );

  test('is of the profile that is set, and asks for one where none is', async () => {
    const plain = await create(base('web'));
    expect((await report(plain.client_id)).status).toBe(400);
    const held = await create({ ...base('web'), fapi_profile: true });
    expect((await report(held.client_id)).body).toMatchObject({
      profile: 'fapi2-security-profile',
      set: true,
      conforming: true,
    });
    expect((await report(held.client_id, 'unheard-of')).status).toBe(400);
  });
});
