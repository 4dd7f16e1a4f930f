import type { Mistake } from './mistakes.ts';
import type { Option } from './options.ts';

/** A value that a layer gives to an option. */
export interface Setting {
  option: Option;
  value: unknown;
  /** Where it stands, in words; with the path below the option where a part of it is meant. */
  source(below?: readonly PropertyKey[]): string;
  /** How to take it back: `unset PORT`, `remove it`. */
  undo: string;
}

/** What one layer of the configuration says, by the options' names. */
export interface Layer {
  settings: ReadonlyMap<string, Setting>;
  mistakes: readonly Mistake[];
  /** False when it could not be read at all: then nothing is known of what it leaves out. */
  complete: boolean;
}

/** That of a place in which nothing stands. */
export const nothing: Layer = { settings: new Map(), mistakes: [], complete: true };

/** That of a place which cannot be read, and why. */
export const broken = (mistake: Mistake): Layer => ({
  ...nothing,
  mistakes: [mistake],
  complete: false,
});
