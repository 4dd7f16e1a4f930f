import { z } from 'zod';
import { valueTexts } from '../lib/value-words.ts';

const text = z.string().min(1).max(255);
const url = z.url({ protocol: /^https?$/ }).max(1024);

/** @source OpenID Connect Core 1.0, section 5.1.1 */
const Address = z.strictObject({
  formatted: text.optional(),
  street_address: text.optional(),
  locality: text.optional(),
  region: text.optional(),
  postal_code: text.optional(),
  country: text.optional(),
});

/** The standard claims that an account may have. @source OpenID Connect Core 1.0, section 5.1 */
export const Claims = z.strictObject({
  name: text.optional(),
  given_name: text.optional(),
  family_name: text.optional(),
  middle_name: text.optional(),
  nickname: text.optional(),
  preferred_username: text.optional(),
  profile: url.optional(),
  picture: url.optional(),
  website: url.optional(),
  gender: text.optional(),
  birthdate: z
    .string()
    .regex(/^(\d{4}(-\d{2}-\d{2})?|0000-\d{2}-\d{2})$/, valueTexts.birthdate)
    .optional(),
  zoneinfo: text.optional(),
  locale: text.optional(),
  phone_number: z.e164().optional(),
  phone_number_verified: z.boolean().optional(),
  address: Address.optional(),
});

export const roles = ['owner', 'editor', 'viewer'] as const;

/** What a caller of REST or the command line gives to make or change an account. */
export const AccountInput = Claims.extend({
  email: z.email().max(254),
  email_verified: z.boolean().default(false),
  password: z.string().max(1024).optional(),
  /** Administration roles; most people have none. */
  roles: z.array(z.enum(roles)).max(3).default([]),
  disabled: z.boolean().default(false),
});
export type AccountInput = z.input<typeof AccountInput>;

/** An account as it is stored. */
export interface Account {
  /** As it was given; `email_key` is what it is found by. */
  email: string;
  email_key: string;
  email_verified: boolean;
  /** Absent: nobody can log in with a password. */
  password_hash?: string;
  claims: z.output<typeof Claims>;
  roles: (typeof roles)[number][];
  disabled: boolean;
  /** Seconds since the epoch. */
  created: number;
  updated: number;
}

/** One mailbox, however its address is written: letter case and composed forms do not count. */
export const emailKey = (email: string): string => email.normalize('NFKC').trim().toLowerCase();
