/** What authorization requests are answered with, and how, as the discovery documents list it. */
import { expect } from '@jest/globals';
import type { ClientMetadataInput } from '../../src/clients/metadata.ts';
import { createAgent, leftFor, type Page } from '../support/agent.ts';
import type { Fields, Op, TestAccount } from '../support/op.ts';
import { type Chapter, refusedAtRegistration } from './discovery-member.ts';
import { authorizeUrl } from './requests.ts';

export function answerChapter(op: Op, account: TestAccount): Chapter {
  const authorize = async (more: Partial<ClientMetadataInput>, fields: Fields): Promise<Page> => {
    const client = await op.createClient(more);
    return createAgent(op.issuer).authorize(authorizeUrl(op, client, fields), account);
  };
  const field = ({ html }: Page, name: string) =>
    new RegExp(`name="${name}" value="([^"]+)"`).exec(html)?.[1];
  const query = (page: Page) => leftFor(page).searchParams;
  const fragment = (page: Page) => new URLSearchParams(leftFor(page).hash.slice(1));
  /** Answers by a mode, where `read` finds what `name` is. */
  const mode =
    (response_mode: string, name: string, read: (page: Page) => string | null | undefined) =>
    async () =>
      expect(
        read(await authorize({ response_modes: [response_mode as never] }, { response_mode })),
      ).toEqual(expect.stringMatching(name === 'response' ? /^[\w-]+\.[\w-]+\.[\w-]+$/ : /./));

  /** The login page in the language that is asked for. */
  async function asked(ui_locales: string) {
    const agent = createAgent(op.issuer, { 'accept-language': 'en' });
    const { html } = await agent.visit(authorizeUrl(op, await op.createClient(), { ui_locales }));
    return { html, lang: /<html lang="([^"]+)"/.exec(html)?.[1] };
  }

  return {
    file: 'test/flows/discovery-answers.ts',
    members: {
      response_types_supported: {
        async prove(response_type) {
          const words = response_type.split(' ');
          const code = words.includes('code');
          const implicit = words.some((word) => word.endsWith('token'));
          const more: Partial<ClientMetadataInput> = {
            response_types: [response_type as never],
            grant_types: [
              ...(code ? ['authorization_code' as const] : []),
              ...(implicit ? ['implicit' as const] : []),
            ],
          };
          const page = await authorize(more, { response_type, nonce: 'n' });
          const names = ['code', 'id_token', 'access_token'];
          const answer = implicit ? fragment(page) : query(page);
          expect(answer.get('error')).toBeNull();
          const got = names.filter((name) => answer.has(name));
          const due = words.map((word) => (word === 'token' ? 'access_token' : word));
          expect(got).toEqual(names.filter((name) => due.includes(name)));
        },
        others: ['code foo', 'device'],
        async refuse(response_type) {
          await refusedAtRegistration(op, 'response_types')(response_type);
          const answer = query(await authorize({}, { response_type }));
          expect(answer.get('error')).toBe('unsupported_response_type');
        },
      },

      ui_locales_supported: {
        async prove(ui_locales) {
          const page = await asked(ui_locales);
          expect([page.lang, page.html]).toEqual([ui_locales, expect.stringContaining('<form')]);
        },
        others: ['fr', 'x-klingon'],
        refuse: async (ui_locales) => expect((await asked(ui_locales)).lang).toBe('en'),
      },

      response_modes_supported: {
        prove: {
          query: mode('query', 'code', (page) => query(page).get('code')),
          fragment: mode('fragment', 'code', (page) => fragment(page).get('code')),
          form_post: mode('form_post', 'code', (page) => field(page, 'code')),
          jwt: mode('jwt', 'response', (page) => query(page).get('response')),
          'query.jwt': mode('query.jwt', 'response', (page) => query(page).get('response')),
          'fragment.jwt': mode('fragment.jwt', 'response', (page) =>
            fragment(page).get('response'),
          ),
          'form_post.jwt': mode('form_post.jwt', 'response', (page) => field(page, 'response')),
          web_message: mode(
            'web_message',
            'code',
            ({ html }) => /"code":"([^"]+)"/.exec(html)?.[1],
          ),
          'web_message.jwt': mode(
            'web_message.jwt',
            'response',
            ({ html }) => /"response":"([^"]+)"/.exec(html)?.[1],
          ),
        },
        others: ['pigeon', 'web_message', 'web_message.jwt'],
        async refuse(response_mode) {
          await refusedAtRegistration(op, 'response_modes')(response_mode);
          const answer = query(await authorize({}, { response_mode }));
          expect(answer.get('error')).toBe('unsupported_response_mode');
        },
      },
    },
  };
}
