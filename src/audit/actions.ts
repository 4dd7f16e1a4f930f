/** What is told of, each by its name; the dashboard has words for every one. */
export const actions = [
  'account.create',
  'account.delete',
  'account.end_sessions',
  'account.reset_email',
  'account.update',
  'client.convert',
  'client.create',
  'client.delete',
  'client.logout.failed',
  'client.secret.add',
  'client.secret.remove',
  'client.update',
  'grant.revoke',
  'keys.replace',
  'keys.rotate',
  'registration-policy.create',
  'registration-policy.delete',
  'registration-policy.update',
  'registration-token.create',
  'registration-token.delete',
  'resource.create',
  'resource.delete',
  'resource.update',
  'session.end',
] as const;

export type Action = (typeof actions)[number];
