/** What the discovery documents list, and how each value is shown to be true: by using it. */
import { expect } from '@jest/globals';
import { CALLBACK, type Op } from '../support/op.ts';

/** A member of the documents that lists values. */
export interface Member {
  /** Uses a value from registration to answer, and throws when it is of no use; or a row for each. */
  prove: ((value: string) => Promise<unknown>) | Readonly<Record<string, () => Promise<unknown>>>;
  /** Values of the same kind: those that are not listed must be refused. */
  others: readonly string[];
  /** Throws when the value is not refused. */
  refuse(value: string): Promise<unknown>;
}

/** What one file knows of the members, with its name for who is to add something. */
export interface Chapter {
  file: string;
  members: Readonly<Record<string, Member>>;
}

/** How a listed value is proven. @throws {Error} that says where a row is missing */
export function proofOf({ file, members }: Chapter, member: string, value: string) {
  const prove = members[member]?.prove;
  const proof = typeof prove === 'function' ? () => prove(value) : prove?.[value];
  if (proof) return proof;
  throw new Error(
    `${member} lists "${value}" and nothing proves it: add a row to "${member}" in ${file}`,
  );
}

/** That a registration with the value is refused, because of it. */
export const refusedAtRegistration =
  (op: Op, property: string, more: object = {}) =>
  async (value: string): Promise<void> => {
    const plural = /^(grant_types|response_types|response_modes|default_acr_values)$/;
    const { status, body } = await op.admin('/clients', {
      method: 'POST',
      body: {
        type: 'web',
        redirect_uris: [CALLBACK],
        ...more,
        [property]: plural.test(property) ? [value] : value,
      },
    });
    const pointers = body.errors?.map(({ pointer }: { pointer: string }) => pointer.split('/')[1]);
    expect([value, status, pointers]).toEqual([value, 422, expect.arrayContaining([property])]);
  };
