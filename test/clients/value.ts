/** How the tables of this folder write down a value of a property and the answer to it. */

/** Makes a text of this length, or the member of a list at this index. */
export type Sample = (length: number) => unknown;

export interface Case {
  value: unknown;
  /** For a value that says little by itself. */
  what?: string;
  /** What else the client needs to be right but for this; laid upon what every client here has. */
  context?: Readonly<Record<string, unknown>>;
  /** The rule that refuses it. Absent: it is accepted. */
  rule?: string;
  /** Where; at the property when absent. */
  pointer?: string;
  /** What is kept of it, when that is not the value itself. */
  stored?: { value: unknown };
  /** Where registration is meant to answer otherwise, and why. */
  registration?: Otherwise;
  /** Where a file of clients is meant to answer otherwise, and why. */
  file?: Otherwise;
}

/** Accepted when it says what is stored then; else refused, at this place by this rule. */
export type Otherwise = { because: string } & (
  | { stored: unknown }
  | { pointer: string; rule: string }
);

/** Values that the property itself does not take. */
export const refuse = (...values: unknown[]): Case[] =>
  values.map((value) => ({ value, rule: 'property-value' }));

/** Values that a rule refuses. */
export const refuseBy = (rule: string, values: readonly unknown[], more: Partial<Case> = {}) =>
  values.map((value): Case => ({ ...more, value, rule }));

/** Values that a list does not take, each its only member. */
export const refuseMembers = (property: string, values: readonly unknown[]): Case[] =>
  values.map((one) => ({ value: [one], rule: 'property-value', pointer: `/${property}/0` }));
