import type { Entry } from '../store/store.ts';
import type { Account } from './account.ts';

/** An account as administrators and the audit see it: nothing of its password. */
export const accountView = ({ id, value }: Entry<Account>) => ({
  ...value.claims,
  id,
  email: value.email,
  email_verified: value.email_verified,
  roles: value.roles,
  disabled: value.disabled,
  created_at: value.created,
  updated_at: value.updated,
});
