/** What a client must not be registered with, and the ways on which somebody may try. */
import { expect } from '@jest/globals';
import { register } from '../registration/registrations.ts';
import { type Answer, CALLBACK, type Op } from '../support/op.ts';

type Metadata = Record<string, unknown>;

/** What a refusal says of one thing that is wrong. */
export interface Told {
  pointer: string;
  rule: string;
  detail: string;
  fix: string;
}

const told = ({ body }: Answer): Told[] => body.errors ?? [];

/** Refused on one way, with what was said. @throws when it was not */
type Way = (op: Op, metadata: Metadata) => Promise<Told[]>;

const refused = (answer: Answer, status: number): Told[] => {
  expect([answer.status, answer.body]).toEqual([status, expect.anything()]);
  return told(answer);
};

/** Creation and change through REST, a dry run, and dynamic registration. */
export const ways: Readonly<Record<string, Way>> = {
  'REST, a new client': async (op, metadata) =>
    refused(
      await op.admin('/clients', {
        method: 'POST',
        body: { redirect_uris: [CALLBACK], ...metadata },
      }),
      422,
    ),
  'REST, a change': async (op, metadata) => {
    const { client_id } = await op.createClient();
    const { body: before } = await op.admin(`/clients/${client_id}`);
    const answer = await op.admin(`/clients/${client_id}`, { method: 'PATCH', body: metadata });
    expect((await op.admin(`/clients/${client_id}`)).body).toEqual(before);
    return refused(answer, 422);
  },
  'dynamic registration': async (op, metadata) =>
    refused(await register(op, undefined, { redirect_uris: [CALLBACK], ...metadata }), 400),
};

/** Which property, which rule, why, and what to do. */
export function expectExplained(errors: readonly Told[], pointer: string): void {
  const about = errors.filter((one) => one.pointer === pointer);
  expect([pointer, errors.map((one) => one.pointer)]).toEqual([
    pointer,
    expect.arrayContaining([pointer]),
  ]);
  for (const one of about) {
    expect(one).toMatchObject({
      rule: expect.stringMatching(/^[a-z-]+$/),
      detail: expect.stringMatching(/\w{2}/),
      fix: expect.stringMatching(/\w{2}/),
    });
    // Nothing of a program, and nothing that a terminal or a page would run.
    expect(JSON.stringify(one)).not.toMatch(/Zod|at \w+ \(|node_modules|<script/);
  }
}
