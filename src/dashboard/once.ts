/**
 * What is shown once: credentials that were just made. It belongs to one page and waits for it, since
 * another tab may ask for another page before the answer that leads there has arrived.
 */
import { epoch } from '../lib/time.ts';

export interface Once {
  /** The path of the page. */
  at: string;
  /** Seconds since the epoch. */
  until: number;
  values: Readonly<Record<string, string>>;
}

/** Seconds for which it waits. */
const WAITS = 5 * 60;

/** @param go the address of the page */
export const waitingAt = (go: string, values: Once['values']): Once => ({
  at: go.split('?')[0] ?? '',
  until: epoch() + WAITS,
  values,
});

/** What a page shows of it. */
export const shownAt = (path: string, once: Once | undefined): Once['values'] =>
  once?.at === path && once.until > epoch() ? once.values : {};

/** Whether it is kept after this page. */
export const isWaiting = ({ at, until }: Once, path: string): boolean =>
  at !== path && until > epoch();
