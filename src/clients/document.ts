/** The reference of everything that can be registered, made from the declaration, types and rules. */
import { z } from 'zod';
import type { GeneratedFile } from '../config/document.ts';
import { AssignedMetadata, ClientMetadata, clientProperties, groups, metaOf } from './metadata.ts';
import { profiles } from './profiles.ts';
import { baseRules } from './rules/all.ts';
import type { AppliedRule } from './rules/rule.ts';
import { typeRules, types } from './types/all.ts';
import { clientTypes } from './values.ts';

const head = `# Client metadata

Every property that a client can be registered with, what each type begins with, and the rules that are kept. Generated from \`src/clients\` by \`npm run generate\`.

*Set by* says who may set a property: \`registration\` is everybody who may write clients, through REST, files or dynamic registration; \`administrator\` is REST and files, and dynamic registration refuses it.
`;

const titles: Readonly<Record<(typeof groups)[number], string>> = {
  identity: 'Identity',
  flows: 'Flows',
  authentication: 'Authentication',
  keys: 'Keys',
  tokens: 'Tokens and responses',
  requests: 'Requests',
  logout: 'Logout',
  policy: 'Policy',
};

interface JsonSchema {
  type?: string;
  enum?: unknown[];
  const?: unknown;
  items?: JsonSchema;
  maxItems?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  default?: unknown;
}

const escaped = (text: string) => text.replaceAll('|', '\\|');
const code = (value: unknown) => `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;

function values({
  type,
  enum: list,
  items,
  maxItems,
  maxLength,
  minimum,
  maximum,
}: JsonSchema): string {
  if (list) return list.map(code).join(', ');
  if (type === 'array') {
    const most = maxItems === undefined ? '' : `at most ${maxItems} `;
    return items?.enum ? `list of ${values(items)}` : `list of ${most}${items?.type ?? 'value'}s`;
  }
  if (type === 'string')
    return maxLength === undefined ? 'text' : `text, at most ${maxLength} characters`;
  if (type === 'integer') return `number, ${minimum} to ${maximum}`;
  return type ?? '';
}

const schemas = (
  z.toJSONSchema(ClientMetadata, { io: 'input', unrepresentable: 'any' }) as unknown as {
    properties: Record<string, JsonSchema>;
  }
).properties;

const row = (name: (typeof clientProperties)[number]): string => {
  const { title, help, spec, by } = metaOf(name);
  const schema = schemas[name] ?? {};
  const initial = schema.default === undefined ? '' : code(schema.default);
  const cells = [code(name), `**${title}.** ${help}`, values(schema), initial, by, spec];
  return `| ${cells.map(escaped).join(' | ')} |`;
};

const group = (name: (typeof groups)[number]): string => `## ${titles[name]}

| property | | values | default | set by | source |
|---|---|---|---|---|---|
${clientProperties
  .filter((property) => metaOf(property).group === name)
  .map(row)
  .join('\n')}
`;

const assigned = `## Said by the server

| property | | source |
|---|---|---|
${Object.entries(AssignedMetadata.shape)
  .map(([name, schema]) => {
    const { title, help, spec } = schema.meta() as { title: string; help: string; spec: string };
    return `| ${code(name)} | **${title}.** ${help} | ${spec} |`;
  })
  .join('\n')}
`;

const ruleRow = ({ id, title, spec, severity }: AppliedRule): string =>
  `| ${code(id)} | ${escaped(title)}${severity === 'warning' ? ' (a warning)' : ''} | ${escaped(spec)} |`;

const ruleTable = (rules: readonly AppliedRule[]): string =>
  `| rule | | source |\n|---|---|---|\n${rules.map(ruleRow).join('\n')}\n`;

const listed = (values: object): string =>
  Object.entries(values)
    .map(([name, value]) => `${code(name)}: ${code(value)}`)
    .join(', ');

const typeSection = (name: (typeof clientTypes)[number]): string => {
  const { title, description, initial, fixed } = types[name];
  const rules = typeRules(name);
  return [
    `### ${title}: ${code(name)}`,
    description,
    `Begins with ${listed(initial)}.${Object.keys(fixed).length > 0 ? ` Fixed: ${listed(fixed)}.` : ''}`,
    ...(rules.length > 0 ? [ruleTable(rules)] : []),
  ].join('\n\n');
};

const profileSection = ([name, profile]: [string, (typeof profiles)[keyof typeof profiles]]) =>
  [
    `### ${profile.title}: ${code(name)}`,
    ruleTable(profile.rules),
    `Requests are held to: ${profile.enforced.map(({ title, spec }) => `${title} (${spec})`).join('; ')}.`,
  ].join('\n\n');

export const clientDocuments = (): GeneratedFile[] => [
  {
    path: 'docs/client-metadata.md',
    text: `${[
      head,
      ...groups.map(group),
      assigned,
      '## Types',
      ...clientTypes.map(typeSection),
      '## Rules of every client',
      ruleTable(baseRules),
      '## Profiles',
      '`fapi_profile` holds a client to one of the FAPI profiles; every profile can be reported on (`GET /api/v1/clients/{client_id}/compliance?profile=`).',
      ...Object.entries(profiles).map((entry) => profileSection(entry as never)),
    ]
      .map((part) => part.trim())
      .join('\n\n')}\n`,
  },
];
