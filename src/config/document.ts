/** What is generated from the schema: `config/default.yaml` and `docs/configuration.md`. Pure. */
import { stringify } from 'yaml';
import {
  describe,
  isSection,
  listOptions,
  type Option,
  readOptions,
  type Section,
} from './options.ts';

/** A generated file: its path from the project's root and its whole text. */
export interface GeneratedFile {
  path: string;
  text: string;
}

/** Every file that is generated from the schema. */
export const configDocuments = (): GeneratedFile[] => [
  { path: 'config/default.yaml', text: defaultYaml(readOptions()) },
  { path: 'docs/configuration.md', text: reference(readOptions()) },
];

const yamlHead = `# Every option with its default; an option without one is commented out.
# Generated from src/config/schema.ts by "npm run generate": do not edit, point CONFIG_FILE at a file
# of your own with what differs. An environment variable, in brackets here, goes before the file.
`;

// A section brings an empty line before and after itself; two in a row become one.
const defaultYaml = (tree: Section): string =>
  `${yamlHead}\n${yamlSection(tree)
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')}\n`;

const yamlSection = (section: Section): string[] =>
  [...section.entries].flatMap(([key, entry]) =>
    isSection(entry)
      ? ['', `${key}:`, ...yamlSection(entry).map((line) => (line ? `  ${line}` : line)), '']
      : [
          `# ${entry.meta.help}${entry.meta.env ? ` (${entry.meta.env})` : ''}`,
          ...yamlOption(key, entry),
        ],
  );

const yamlOption = (key: string, { fallback }: Option): string[] =>
  fallback === undefined
    ? [`# ${key}:`]
    : stringify({ [key]: fallback }, { lineWidth: 0 })
        .trimEnd()
        .split('\n');

const intro = `# Configuration

<!-- Generated from src/config/schema.ts by "npm run generate": do not edit. -->

Three layers, each going before the one above it:

1. the defaults below, also in [config/default.yaml](../config/default.yaml);
2. the YAML file that the environment variable \`CONFIG_FILE\` names, with the keys below (a dot is a level of indentation); worked examples are [config/development.yaml](../config/development.yaml) and [config/production.yaml](../config/production.yaml);
3. the environment variables below. Switches take \`true\`, \`false\`, \`1\`, \`0\`, \`yes\` or \`no\`.

An empty variable and a key without a value count as absent. A value replaces the one of the layer above as a whole, \`claims\` too. Relative paths start at the working directory. The server does not start with a configuration that is wrong anywhere: it reports every mistake at once, with its place and its remedy. Keep secrets out of the file where you can; no report and no log shows them.

`;

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const code = (text: string): string => `\`${text}\``;

function meaning(option: Option): string {
  const takes = describe(option);
  return [
    option.meta.help,
    // Only where it tells more than the help: choices and ranges.
    ...(/^(one of|a whole number)/.test(takes) ? [takes] : []),
    ...(option.meta.secret ? ['never shown'] : []),
  ].join('; ');
}

function fallbackCell({ fallback }: Option): string {
  if (fallback === undefined) return '';
  return typeof fallback === 'object' ? 'see config/default.yaml' : code(String(fallback));
}

const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;

const reference = (tree: Section): string =>
  intro +
  [
    row(['Option', 'Default', 'Environment', 'Meaning']),
    row(['---', '---', '---', '---']),
    ...listOptions(tree).map((option) =>
      row([
        code(option.name),
        fallbackCell(option),
        option.meta.env ? code(option.meta.env) : '',
        meaning(option),
      ]),
    ),
    '',
  ].join('\n');
