import { epoch } from '../../lib/time.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;

/** What the charts can show: so many bars of so many seconds each, up to now. */
const spans = {
  day: { bars: 24, seconds: HOUR },
  week: { bars: 7, seconds: DAY },
  month: { bars: 30, seconds: DAY },
} as const;

export type SpanName = keyof typeof spans;
export const spanNames = Object.keys(spans) as SpanName[];

export interface Span {
  name: SpanName;
  /** When each bar begins, seconds since the epoch; days are those of UTC. */
  begins: readonly number[];
  /** Of each bar. */
  seconds: number;
}

/** @param asked what the address says; anything unknown is a day */
export function spanOf(asked: string | null): Span {
  const name = spanNames.find((one) => one === asked) ?? 'day';
  const { bars, seconds } = spans[name];
  const now = epoch();
  const last = now - (now % seconds);
  const begins = Array.from({ length: bars }, (_, place) => last - (bars - 1 - place) * seconds);
  return { name, begins, seconds };
}
