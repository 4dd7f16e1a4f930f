/** What people are asked for and told, as the discovery documents list it. */
import { expect } from '@jest/globals';
import { createAgent, isConsent, isLogin, leftFor } from '../support/agent.ts';
import type { Fields, Op, TestAccount } from '../support/op.ts';
import { type Chapter, refusedAtRegistration } from './discovery-member.ts';
import { authorizeUrl, obtainTokens, userInfo } from './requests.ts';

/** Somebody of whom everything is known. */
export const knownPerson = {
  name: 'Ada Augusta King',
  given_name: 'Ada',
  family_name: 'King',
  middle_name: 'Augusta',
  nickname: 'Ada',
  preferred_username: 'ada',
  profile: 'https://ada.example/',
  picture: 'https://ada.example/portrait.jpg',
  website: 'https://ada.example/notes',
  gender: 'female',
  birthdate: '1815-12-10',
  zoneinfo: 'Europe/London',
  locale: 'en-GB',
  phone_number: '+442071838750',
  phone_number_verified: true,
  address: { country: 'GB' },
};

const read = (jwt: string) =>
  JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString());

/** @param account a `knownPerson` */
export function claimChapter(op: Op, account: TestAccount): Chapter {
  /** Everything that a client is told that asks for claims one by one. */
  async function told(claims: readonly string[]): Promise<object> {
    const wanted = Object.fromEntries(claims.map((claim) => [claim, null]));
    const fields = { claims: JSON.stringify({ id_token: wanted, userinfo: wanted }) };
    const tokens = await obtainTokens(op, await op.createClient(), account, fields);
    const { body } = await userInfo(op, tokens.access_token);
    return { ...read(tokens.id_token), ...body };
  }
  const acr = (value: string, essential: boolean): Fields => ({
    claims: JSON.stringify({ id_token: { acr: { essential, value } } }),
  });
  /** Where a request with this prompt stands, of somebody who is signed in and has consented. */
  async function prompted(prompt: string) {
    const client = await op.createClient({ first_party: false });
    const agent = createAgent(op.issuer);
    await agent.authorize(authorizeUrl(op, client), account);
    return agent.visit(authorizeUrl(op, client, { prompt }));
  }

  return {
    file: 'test/flows/discovery-claims.ts',
    members: {
      scopes_supported: {
        async prove(scope) {
          const client = await op.createClient();
          const fields = {
            scope: scope === 'openid' ? scope : `openid ${scope}`,
            prompt: 'consent',
          };
          const tokens = await obtainTokens(op, client, account, fields);
          expect(tokens.scope.split(' ')).toContain(scope);
        },
        others: ['friends'],
        refuse: refusedAtRegistration(op, 'scope'),
      },

      claims_supported: {
        prove: async (claim) => expect(await told([claim])).toHaveProperty([claim]),
        others: ['favourite_colour', 'phone_number_hash'],
        refuse: async (claim) => expect(await told([claim])).not.toHaveProperty([claim]),
      },

      claim_types_supported: {
        prove: { normal: async () => expect(await told(['name'])).toHaveProperty('name') },
        others: ['aggregated', 'distributed'],
        refuse: async () => expect(await told(['name'])).not.toHaveProperty('_claim_names'),
      },

      acr_values_supported: {
        async prove(value) {
          const tokens = await obtainTokens(op, await op.createClient(), account, acr(value, true));
          expect(read(tokens.id_token).acr).toBe(value);
        },
        others: ['urn:example:retina'],
        async refuse(value) {
          const url = authorizeUrl(op, await op.createClient(), acr(value, true));
          const left = leftFor(await createAgent(op.issuer).authorize(url, account));
          expect(left.searchParams.get('error')).toBe('unmet_authentication_requirements');
          await refusedAtRegistration(op, 'default_acr_values')(value);
        },
      },

      prompt_values_supported: {
        prove: {
          async none() {
            expect(leftFor(await prompted('none')).searchParams.get('code')).toBeTruthy();
          },
          login: async () => expect(isLogin(await prompted('login'))).toBe(true),
          consent: async () => expect(isConsent(await prompted('consent'))).toBe(true),
          create: async () => expect((await prompted('create')).url).toMatch(/\/sign-up$/),
        },
        others: ['select_account', 'create', 'interview'],
        async refuse(prompt) {
          expect(leftFor(await prompted(prompt)).searchParams.get('error')).toBe('invalid_request');
        },
      },
    },
  };
}
