/** The places of the dashboard, in the order of the menu; each has its text under `dashboard.nav`. */
export interface Place {
  name: string;
  path: string;
  /** Who may not read this is not shown it. */
  scope: string;
  /** Typed after `g` it leads there. */
  key: string;
  /** Whether a group of places begins with it. */
  apart?: true;
}

export const navigation: readonly Place[] = [
  { name: 'overview', path: '/dashboard', scope: 'clients:read', key: 'o' },
  { name: 'clients', path: '/dashboard/clients', scope: 'clients:read', key: 'c', apart: true },
  { name: 'compliance', path: '/dashboard/compliance', scope: 'clients:read', key: 'p' },
  { name: 'failures', path: '/dashboard/failures', scope: 'clients:read', key: 'f' },
  { name: 'accounts', path: '/dashboard/accounts', scope: 'accounts:read', key: 'a', apart: true },
  { name: 'sessions', path: '/dashboard/sessions', scope: 'accounts:read', key: 'i' },
  {
    name: 'resources',
    path: '/dashboard/resources',
    scope: 'resources:read',
    key: 'r',
    apart: true,
  },
  {
    name: 'registration',
    path: '/dashboard/registration',
    scope: 'registration:read',
    key: 't',
  },
  { name: 'keys', path: '/dashboard/keys', scope: 'keys:read', key: 'k' },
  { name: 'audit', path: '/dashboard/audit', scope: 'audit:read', key: 'u', apart: true },
  { name: 'settings', path: '/dashboard/settings', scope: 'settings:read', key: 's' },
];
