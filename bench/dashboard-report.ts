import { aligned } from './aligned.ts';
import { ceilings, type DashboardTimes, type PageTimes } from './dashboard.ts';
import type { Wait } from './dashboard-waits.ts';

const kilobytes = (bytes: number) => (bytes / 1000).toFixed(1);

const excesses = ({ bytes, cpu, p50 }: PageTimes): string =>
  [
    ...(bytes > ceilings.bytes ? ['heavy'] : []),
    ...(Math.min(cpu, p50) > ceilings.milliseconds ? ['slow'] : []),
  ].join(', ');

const pageRow = (times: PageTimes) => [
  times.page,
  kilobytes(times.bytes),
  ...[times.cpu, times.p50, times.p99].map((time) => time.toFixed(1)),
  excesses(times),
];

const waitRow = ({ meanwhile, seconds, cpu, p50, p99, max }: Wait) => [
  meanwhile,
  ...[seconds, cpu, p50, p99, max].map((time) => time.toFixed(1)),
];

/** What a person reads. */
export function* dashboardTables(times: DashboardTimes): Generator<string> {
  const { store, clients, pages, assets, waits, notMeasured } = times;
  const head = `${store}, ${clients.toLocaleString('en')} clients`;
  if (pages.length > 0) {
    yield aligned([[head, 'KB', 'CPU ms', 'p50 ms', 'p99 ms', ''], ...pages.map(pageRow)]);
    const loaded = Object.entries(assets).map(([path, bytes]) => [path, kilobytes(bytes)]);
    yield aligned([['loaded beside, once', 'KB'], ...loaded]);
  }
  if (waits.length > 0) {
    const columns = ['s', 'CPU s', 'p50 ms', 'p99 ms', 'longest ms'];
    yield aligned([['somebody else waits meanwhile', ...columns], ...waits.map(waitRow)]);
  }
  if (notMeasured.length > 0) yield `not measured: ${notMeasured.join(', ')}`;
}
