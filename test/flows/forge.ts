/** Tokens that the server would sign and nobody can have asked it for: signed with its own keys. */
import { createLog } from '../../src/lib/log.ts';
import { createVault } from '../../src/lib/seal.ts';
import { createKeys } from '../../src/oidc/keys.ts';
import type { Op } from '../support/op.ts';

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A JWT of the server's with these claims. @param header laid over that of an access token */
export async function signAsServer(op: Op, claims: object, header: object = {}): Promise<string> {
  const keys = await createKeys({
    config: op.config,
    store: op.store,
    vault: createVault(String(op.config.secrets_key)),
    audit: { async note() {} } as never,
    log: createLog('silent'),
  });
  try {
    const key = keys.signers.find(({ alg }) => alg === 'ES256');
    if (!key) throw new Error('no key');
    const head = encode({ alg: 'ES256', typ: 'at+jwt', kid: key.kid, ...header });
    const data = `${head}.${encode(claims)}`;
    const signature = await key.sign(Buffer.from(data));
    return `${data}.${Buffer.from(signature).toString('base64url')}`;
  } finally {
    keys.close();
  }
}
