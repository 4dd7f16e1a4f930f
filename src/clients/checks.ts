/** What holds of a client that is written, beside what its metadata alone must be. */
import { CLIENT_ID } from './client.ts';
import type { ClientMetadata } from './metadata.ts';
import { refusals } from './refusals.ts';
import type { ClientValidator } from './validate.ts';
import { refuse } from './writer.ts';

/** @throws {Problem} `invalid` */
export function checkClientId(clientId: string): void {
  if (CLIENT_ID.test(clientId)) return;
  throw refuse('/client_id', 'client-id', refusals['client-id'].malformed());
}

/**
 * What a client becomes by a whole new document. Its type stays: only a conversion changes that.
 * @throws {Problem} `invalid`
 */
export function replaceMetadata(
  validator: ClientValidator,
  before: ClientMetadata,
  input: unknown,
): ClientMetadata {
  const after = validator.check(input, before);
  const { type } = before;
  if (after.type === type) return after;
  throw refuse('/type', 'type-is-fixed', refusals['type-is-fixed'].fixed({ type }));
}
