import type { Change } from '../audit/differences.ts';
import type { ClientMetadata } from '../clients/metadata.ts';
import type { ClientValidator } from '../clients/validate.ts';
import { brief } from './brief.ts';
import { json, visible } from './flaw.ts';
import type { Step } from './plan.ts';

const label = (clientId: string, { type }: ClientMetadata) => `${clientId} (${type})`;

const changeLine = ({ pointer, before, after }: Change) =>
  `    ${pointer.slice(1)}: ${json(before)} → ${json(after)}`;

const warningLines = (validator: ClientValidator, metadata: ClientMetadata) =>
  validator
    .warnings(metadata)
    .map(({ pointer, detail }) => `    warning: ${visible(`${pointer.slice(1)} ${detail}`)}`);

const noteLine = (note: string) => `    ${note}`;

function linesOf(step: Step, validator: ClientValidator): string[] {
  switch (step.kind) {
    case 'keep':
      return [];
    case 'delete':
      return [`- ${label(step.clientId, step.before.value.metadata)}: delete`];
    case 'create': {
      const { metadata } = step.client;
      const { type: _, ...rest } = brief(validator, metadata);
      return [
        `+ ${label(step.clientId, metadata)}: create`,
        ...Object.entries(rest).map(([name, value]) => `    ${name}: ${json(value)}`),
        ...step.notes.map(noteLine),
        ...warningLines(validator, step.client.metadata),
      ];
    }
    default:
      return [
        `~ ${label(step.clientId, step.client.metadata)}: ${step.kind}`,
        ...step.changes.map(changeLine),
        ...step.notes.map(noteLine),
        ...warningLines(validator, step.client.metadata),
      ];
  }
}

const verbs = { create: 'create', change: 'change', convert: 'convert', delete: 'delete' } as const;

/** The plan for people, one line at a time; secrets are told of by name. */
export function showPlan(steps: readonly Step[], validator: ClientValidator): string[] {
  const count = (kind: Step['kind']) => steps.filter((step) => step.kind === kind).length;
  const counts = Object.entries(verbs).map(
    ([kind, verb]) => `${count(kind as Step['kind'])} to ${verb}`,
  );
  return [
    ...steps.flatMap((step) => linesOf(step, validator)),
    `Plan: ${counts.join(', ')}, ${count('keep')} unchanged.`,
  ];
}
