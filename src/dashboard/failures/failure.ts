import type { Reason } from '../../oidc/failures/reason.ts';
import type { Rest } from '../rest.ts';

/** As the API shows it; see `api/failures.ts`. */
export interface Failure {
  id: string;
  at: string;
  client_id?: string;
  endpoint: string;
  error: string;
  error_description?: string;
  detail?: string;
  method?: string;
  reason: Reason;
}

interface Listed {
  items: Failure[];
  next?: string;
}

const PER_PAGE = '20';

/** Whose remedy is a change of the client, made on the page that holds it. */
const remedies: Readonly<Record<string, 'edit' | 'secrets' | 'compliance'>> = {
  redirect_uri: 'edit',
  post_logout_redirect_uri: 'edit',
  scope: 'edit',
  response_type: 'edit',
  grant_type: 'edit',
  method: 'edit',
  certificate: 'edit',
  assertion: 'edit',
  pushed_request: 'edit',
  client_disabled: 'edit',
  secret_wrong: 'secrets',
  secret_expired: 'secrets',
  profile: 'compliance',
};

/**
 * Whether the sent URI can be registered as it is: it is whole, and of a host that the client has.
 * Anybody can send any other, in the hope that somebody presses the button.
 */
const addable = ({ reason, client_id }: Failure) =>
  client_id !== undefined &&
  reason.code === 'redirect_uri' &&
  reason.sent !== undefined &&
  !reason.sent.includes('…') &&
  reason.differs !== undefined &&
  !reason.differs.includes('host');

/** What a template shows of a failure. */
export const shown = (failure: Failure) => {
  const { client_id, reason } = failure;
  const unknown = reason.code === 'client_unknown';
  return {
    ...failure,
    seconds: Math.floor(Date.parse(failure.at) / 1000),
    ...(client_id !== undefined && !unknown && { client: client_id }),
    remedy: unknown || client_id === undefined ? undefined : remedies[reason.code],
    addable: addable(failure),
  };
};

export async function listFailures(rest: Rest, query: Record<string, string | undefined>) {
  const { items, next } = await rest.get<Listed>('/failures', { limit: PER_PAGE, ...query });
  return { items: items.map(shown), next };
}
