import type { Violation } from '../../lib/problem.ts';
import type { ClientMetadata } from '../metadata.ts';

/** One thing that must hold of a whole client. Adding a rule is adding a file and a line in `all.ts`. */
export interface Rule {
  /** Stable, kebab-case; what a violation is known by. */
  id: string;
  title: string;
  /** Specification and section. */
  spec: string;
  /** The properties that it looks at; it is not asked about a client of which one of them is wrong. */
  reads: readonly (keyof ClientMetadata)[];
  check(client: ClientMetadata): Iterable<Pick<Violation, 'pointer' | 'detail' | 'fix'>>;
}
