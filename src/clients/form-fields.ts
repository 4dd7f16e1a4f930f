/** How each property is filled in by a person, as its declaration and schema say. */
import { z } from 'zod';
import { ClientMetadata, type ClientProperty, clientProperties, metaOf } from './metadata.ts';

export interface FormField {
  /** `lines`: one value per line; `boxes`: any of the options; `switch`: on or off. */
  kind: 'text' | 'long' | 'lines' | 'select' | 'boxes' | 'switch' | 'number' | 'json';
  options: readonly string[];
  /** Whether a value must be there: without one, the default is. */
  filled: boolean;
  min?: number;
  max?: number;
}

interface Schema {
  type?: string;
  enum?: string[];
  const?: unknown;
  items?: Schema;
  default?: unknown;
  minimum?: number;
  maximum?: number;
}

const { properties } = z.toJSONSchema(ClientMetadata, {
  io: 'input',
  unrepresentable: 'any',
}) as unknown as { properties: Record<string, Schema> };

function kindOf(name: ClientProperty, schema: Schema): FormField['kind'] {
  if (schema.enum) return 'select';
  if (schema.type === 'boolean') return 'switch';
  if (schema.type === 'integer') return 'number';
  if (schema.type === 'array') {
    if (schema.items?.enum) return 'boxes';
    return schema.items?.type === 'string' ? 'lines' : 'json';
  }
  if (schema.type === 'string') return metaOf(name).widget === 'textarea' ? 'long' : 'text';
  return 'json';
}

/** The type is changed by a conversion only, and what can have one value is nothing to fill in. */
const isOpen = (name: ClientProperty) => name !== 'type' && properties[name]?.const === undefined;

export const formFields: ReadonlyMap<ClientProperty, FormField> = new Map(
  clientProperties.filter(isOpen).map((name) => {
    const schema = properties[name] ?? {};
    const { minimum, maximum } = schema;
    const field: FormField = {
      kind: kindOf(name, schema),
      options: schema.enum ?? schema.items?.enum ?? [],
      filled: schema.default !== undefined,
      ...(minimum !== undefined && { min: minimum }),
      ...(maximum !== undefined && { max: maximum }),
    };
    return [name, field];
  }),
);
