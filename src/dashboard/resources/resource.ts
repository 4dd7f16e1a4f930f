import { signingAlgs } from '../../clients/values.ts';
import { amount, type Field, linesOf, one, type Values } from '../forms/fields.ts';

/** A resource as the API answers it. */
export interface ResourceView {
  id: string;
  identifier: string;
  name?: string;
  scopes: { name: string; description?: string }[];
  access_token_format: string;
  access_token_signing_alg: string;
  access_token_ttl: number;
  access: { client_id: string; scopes: string[] }[];
  authorization_details_types: { type: string }[];
  created_at: number;
  updated_at: number;
}

export const resourceFields: readonly Field[] = [
  { name: 'identifier', kind: 'line', required: true },
  { name: 'name', kind: 'line' },
  { name: 'scopes', kind: 'area' },
  { name: 'access', kind: 'area' },
  { name: 'access_token_format', kind: 'choice', options: ['jwt', 'opaque'], required: true },
  { name: 'access_token_signing_alg', kind: 'choice', options: signingAlgs, required: true },
  { name: 'access_token_ttl', kind: 'line', type: 'number', required: true },
];

/** What a resource has whose properties were left out, as `Resource` says it. */
export const emptyResource: Values = {
  access_token_format: ['jwt'],
  access_token_signing_alg: ['ES256'],
  access_token_ttl: ['3600'],
};

export const resourceValues = (resource: ResourceView): Values => ({
  identifier: [resource.identifier],
  name: resource.name === undefined ? [] : [resource.name],
  scopes: [
    resource.scopes
      .map(({ name, description }) => (description ? `${name}: ${description}` : name))
      .join('\n'),
  ],
  access: [
    resource.access.map((rule) => `${rule.client_id}: ${rule.scopes.join(' ')}`.trim()).join('\n'),
  ],
  access_token_format: [resource.access_token_format],
  access_token_signing_alg: [resource.access_token_signing_alg],
  access_token_ttl: [String(resource.access_token_ttl)],
});

/** `name: the rest`. Names have colons of their own, so the one before a space, or the last sign, ends it. */
function splitLine(line: string): [name: string, rest: string] {
  const [, name = '', rest = ''] = /^(\S+)\s*(.*)$/.exec(line) ?? [];
  return [name.replace(/:$/, ''), rest.trim()];
}

/** A JSON merge patch (RFC 7396); what it does not name, such as types of details, stays. */
export const resourcePatch = (values: Values): Record<string, unknown> => ({
  identifier: one(values, 'identifier') ?? '',
  name: one(values, 'name') ?? null,
  scopes: linesOf(values, 'scopes').map((line) => {
    const [name, description] = splitLine(line);
    return { name, ...(description && { description }) };
  }),
  access: linesOf(values, 'access').map((line) => {
    const [client_id, scopes] = splitLine(line);
    return { client_id, scopes: scopes.split(/[\s,]+/).filter(Boolean) };
  }),
  access_token_format: one(values, 'access_token_format'),
  access_token_signing_alg: one(values, 'access_token_signing_alg'),
  access_token_ttl: amount(values, 'access_token_ttl'),
});

/** The same for a new one: what is empty is not there. */
export const resourceInput = (values: Values): object =>
  Object.fromEntries(Object.entries(resourcePatch(values)).filter(([, value]) => value !== null));
