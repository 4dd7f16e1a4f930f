import { roles } from '../../accounts/account.ts';
import { type Field, on, one, type Values } from '../forms/fields.ts';

/** An account as the API answers it. */
export interface AccountView {
  id: string;
  email: string;
  email_verified: boolean;
  roles: string[];
  disabled: boolean;
  name?: string;
  address?: Readonly<Record<string, string>>;
  created_at: number;
  updated_at: number;
  [claim: string]: unknown;
}

/** How the e-mail for a new password goes, and whether it may. */
export interface ResetEmail {
  delivery: 'smtp' | 'folder';
  email: string;
  possible: boolean;
}

const line = (name: string, more: Partial<Field> = {}): Field => ({ name, kind: 'line', ...more });

/** @source OpenID Connect Core 1.0, section 5.1.1 */
const address = ['street_address', 'postal_code', 'locality', 'region', 'country', 'formatted'];

export const accountFields: readonly Field[] = [
  line('email', { type: 'email', required: true }),
  { name: 'email_verified', kind: 'switch' },
  line('name'),
  { name: 'roles', kind: 'choices', options: roles },
  ...['given_name', 'middle_name', 'family_name', 'nickname', 'preferred_username'].map((name) =>
    line(name, { group: 'claims' }),
  ),
  line('phone_number', { group: 'claims' }),
  { name: 'phone_number_verified', kind: 'switch', group: 'claims' },
  ...['picture', 'profile', 'website'].map((name) => line(name, { type: 'url', group: 'claims' })),
  ...['gender', 'birthdate', 'zoneinfo', 'locale'].map((name) => line(name, { group: 'claims' })),
  ...address.map((name) => line(`address.${name}`, { group: 'address' })),
];

/** A new account can be given a password; who has none sets it by e-mail. */
export const newAccountFields: readonly Field[] = accountFields.toSpliced(3, 0, {
  name: 'password',
  kind: 'line',
  type: 'password',
  autocomplete: 'new-password',
});

const memberOf = (account: AccountView, name: string): unknown =>
  name.startsWith('address.') ? account.address?.[name.slice(8)] : account[name];

export const accountValues = (account: AccountView): Values =>
  Object.fromEntries(
    accountFields.map(({ name, kind }) => {
      const value = memberOf(account, name);
      if (kind === 'switch') return [name, value === true ? ['on'] : []];
      return [name, [value ?? []].flat().map(String)];
    }),
  );

/** A JSON merge patch (RFC 7396): what is empty is removed. */
export function accountPatch(values: Values): Record<string, unknown> {
  const plain = accountFields.filter(({ name }) => !name.startsWith('address.'));
  const parts = address.map((name) => [name, one(values, `address.${name}`) ?? null] as const);
  return {
    ...Object.fromEntries(
      plain.map(({ name, kind }) => {
        if (kind === 'choices') return [name, values[name] ?? []];
        if (kind !== 'switch') return [name, one(values, name) ?? null];
        // Whether a number is verified is a claim only where there is one.
        const absent = name === 'phone_number_verified' && !one(values, 'phone_number');
        return [name, absent ? null : on(values, name)];
      }),
    ),
    address: parts.some(([, value]) => value !== null) ? Object.fromEntries(parts) : null,
  };
}

/** The same for a new one: what is empty is not there. */
export function accountInput(values: Values): object {
  const { address: place, ...rest } = accountPatch(values);
  const kept = (part: object) =>
    Object.fromEntries(Object.entries(part).filter(([, value]) => value !== null));
  const password = one(values, 'password');
  return {
    ...kept(rest),
    ...(place ? { address: kept(place) } : {}),
    ...(password !== undefined && { password }),
  };
}
