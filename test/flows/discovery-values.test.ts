/**
 * Whatever value the discovery documents list is used here, from a registration to the answer that it
 * makes, and a value of its kind that they do not list is refused.
 */
import { afterAll, describe, test } from '@jest/globals';
import { knownPerson } from './discovery-claims.ts';
import { proofOf } from './discovery-member.ts';
import { chapters, startWithEverything } from './discovery-server.ts';

// Before any test is declared: what is listed decides which there are.
const op = await startWithEverything();
afterAll(() => op.close());
// Verified, so that no e-mail comes between those of back-channel requests.
const account = await op.createAccount({ ...knownPerson, email_verified: true });
const { body: document } = await op.get('/.well-known/openid-configuration');

const members = chapters
  .map((write) => write(op, account))
  .flatMap((chapter) =>
    Object.entries(chapter.members).map(([name, member]) => ({ name, chapter, member })),
  );

describe.each(members)('$name', ({ name, chapter, member }) => {
  const listed: string[] = document[name] ?? [];
  const others = member.others.filter((value) => !listed.includes(value));

  if (listed.length > 0) {
    test.each(listed)('has %s, and it is used', (value) => proofOf(chapter, name, value)());
  }
  test.each(others)('has no %s, and it is refused', (value) => member.refuse(value));
});
