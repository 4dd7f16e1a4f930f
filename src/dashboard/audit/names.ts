import { Refused, type Rest } from '../rest.ts';

/** Beyond so many, people are shown by their ids. */
const NAMES = 12;

/** The e-mails of accounts, as far as they are still there and the visitor may read accounts. */
export async function namesOf(
  accountIds: Iterable<string | undefined>,
  rest: Rest,
): Promise<Map<string, string>> {
  const ids = [...new Set(accountIds)].filter((id) => id !== undefined);
  const pairs = ids.slice(0, NAMES).map(async (id) => {
    const account = await rest
      .get<{ email: string }>(`/accounts/${encodeURIComponent(id)}`)
      .catch((error) => {
        if (error instanceof Refused && [403, 404].includes(error.status)) return undefined;
        throw error;
      });
    return account ? [[id, account.email] as const] : [];
  });
  return new Map((await Promise.all(pairs)).flat());
}
