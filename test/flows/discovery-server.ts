/** A server that has everything switched on, for what its discovery documents then list. */
import { type Op, startOp } from '../support/op.ts';
import { attester } from './attester.ts';
import { paymentType } from './detail-types.ts';
import { answerChapter } from './discovery-answers.ts';
import { attestationChapter, signingAttester } from './discovery-attestation.ts';
import { claimChapter } from './discovery-claims.ts';
import { BANK, grantChapter } from './discovery-grants.ts';
import { requestChapter } from './discovery-requests.ts';
import { responseChapter } from './discovery-responses.ts';

/** Everything that is known of lists of values. */
export const chapters = [
  answerChapter,
  attestationChapter,
  claimChapter,
  grantChapter,
  requestChapter,
  responseChapter,
] as const;

/** Where clients with certificates find the endpoints. */
export const ALIASES = 'https://mtls.example';

export async function startWithEverything(): Promise<Op> {
  const op = await startOp({
    accounts: { sign_up: 'on' },
    attestation: { issuers: [attester, signingAttester] },
    mtls: { mode: 'proxy', endpoint_base: ALIASES },
    registration: { client_id_metadata_documents: true },
  });
  await op.createResource({
    identifier: BANK,
    scopes: [{ name: 'read' }],
    access: [{ client_id: '*', scopes: ['read'] }],
    authorization_details_types: [paymentType],
  } as never);
  return op;
}
