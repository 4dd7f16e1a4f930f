import type { Reason } from '../../oidc/failures/reason.ts';
import type { Visit } from '../page.ts';
import type { Rest } from '../rest.ts';

/** As the API shows it; see `api/failures.ts`. */
export interface Failure {
  id: string;
  at: string;
  client_id?: string;
  client_name?: string;
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

/** With the parts in which URIs differ in the reader's words; the sentence in English has its own. */
function inWords(reason: Reason, text: Visit['text']): Reason {
  if (reason.values?.parts === undefined) return reason;
  const parts = reason.differs?.map((part) => text(`failures.parts.${part.replace(' ', '_')}`));
  return { ...reason, values: { ...reason.values, parts: parts?.join(', ') ?? '' } };
}

/** What a template shows of a failure. */
export const shown = (failure: Failure, text?: Visit['text']) => {
  const { client_id, reason } = failure;
  const unknown = reason.code === 'client_unknown';
  return {
    ...failure,
    seconds: Math.floor(Date.parse(failure.at) / 1000),
    ...(client_id !== undefined && !unknown && { client: client_id }),
    remedy: unknown || client_id === undefined ? undefined : remedies[reason.code],
    reason: text ? inWords(reason, text) : reason,
    addable: addable(failure),
  };
};

/** @param text of the visit, for sentences in the reader's language */
export async function listFailures(
  rest: Rest,
  query: Record<string, string | undefined>,
  text?: Visit['text'],
) {
  const { items, next } = await rest.get<Listed>('/failures', { limit: PER_PAGE, ...query });
  return { items: items.map((failure) => shown(failure, text)), next };
}
