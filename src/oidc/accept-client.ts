import { type AdapterPayload, errors, type Provider } from 'oidc-provider';
import { Problem } from '../lib/problem.ts';

/**
 * Asks the engine whether it would load a client. Our own rules say more and come first; what the
 * engine alone finds is told in its words.
 * @throws {Problem} `invalid`
 */
export async function acceptClient(provider: Provider, payload: AdapterPayload): Promise<void> {
  try {
    await provider.Client.validate(payload as never);
  } catch (error) {
    if (!(error instanceof errors.InvalidClientMetadata)) throw error;
    const detail = error.error_description ?? 'the client would not be loaded';
    const [, property] = /^([a-z_]+) /.exec(detail) ?? [];
    throw new Problem('invalid', 'The client breaks rules; each is listed with what to change.', {
      errors: [
        {
          pointer: property && Object.hasOwn(payload, property) ? `/${property}` : '',
          rule: 'engine',
          detail,
          spec: 'OpenID Connect Dynamic Client Registration 1.0, section 2',
        },
      ],
    });
  }
}
