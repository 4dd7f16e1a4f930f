import type { Change } from './against.ts';
import { aligned, type Row } from './aligned.ts';
import type { ClientTimes, RequestTimes } from './clients.ts';
import type { Comparison } from './comparison.ts';
import type { DashboardTimes } from './dashboard.ts';
import { dashboardTables } from './dashboard-report.ts';
import type { Logins } from './logins.ts';
import type { Spread } from './spread.ts';
import type { Startup } from './startup.ts';
import type { QueryTimes } from './store-queries.ts';

/** Everything that was measured; what was left out is absent. */
export interface Report {
  operations: Comparison[];
  /** In the place of all the rest. */
  changes?: Change[];
  logins?: Logins;
  startup?: Startup;
  queries?: QueryTimes[];
  clients?: ClientTimes;
  dashboard?: DashboardTimes;
  /** Resident memory of both processes after all of it, MiB. */
  loaded?: { plain: number; ours: number };
}

const whole = ({ median }: Spread) => median.toFixed(0);
const spread = ({ median, min, max }: Spread, digits: number) =>
  `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
const atLeast = (value: number, floor: number) => (value >= floor ? 'ok' : 'below');
const atMost = (value: number, ceiling: number) => (value <= ceiling ? 'ok' : 'above');

const operationRow = ({ operation, plain, ours, ratio, floor }: Comparison): Row => [
  operation,
  whole(plain),
  whole(ours),
  spread(ratio, 2),
  floor.toFixed(2),
  atLeast(ratio.median, floor),
];

function* otherRows({ logins, startup, loaded }: Report): Generator<Row> {
  if (startup) {
    const { ready, first, idle, readyCeiling, idleCeiling } = startup;
    yield [
      'ready, ms',
      spread(ready, 0),
      `at most ${readyCeiling}`,
      atMost(ready.median, readyCeiling),
    ];
    yield ['ready at the very first start, ms', first.toFixed(0), '', ''];
    yield [
      'idle memory, MiB',
      idle.toFixed(0),
      `at most ${idleCeiling}`,
      atMost(idle, idleCeiling),
    ];
  }
  if (loaded) {
    const { plain, ours } = loaded;
    yield ['memory after all this, MiB', `${ours.toFixed(0)} (plain ${plain.toFixed(0)})`, '', ''];
  }
  if (logins) {
    const { ratio, floor } = logins;
    yield ['hashes per CPU-second, nothing else', spread(logins.hashes, 1), '', ''];
    yield ['password logins per CPU-second', spread(logins.logins, 1), '', ''];
    yield [
      'logins to hashes',
      spread(ratio, 2),
      `at least ${floor.toFixed(2)}`,
      atLeast(ratio.median, floor),
    ];
  }
}

const queryRow = ({ store, documents, query, p50, p99 }: QueryTimes): Row => [
  `${store}, ${documents.toLocaleString('en')}: ${query}`,
  p50.toFixed(2),
  p99.toFixed(2),
];

const requestRow = ({ store, clients, request, alone, together }: RequestTimes): Row => [
  `${store}, ${clients.toLocaleString('en')}: ${request}`,
  ...[alone, together].flatMap(({ p50, p99, perSecond }) => [
    p50.toFixed(1),
    p99.toFixed(1),
    perSecond.toFixed(0),
  ]),
];

const requestHead = [
  'clients by HTTP, ms',
  'p50',
  'p99',
  'per s',
  '8 at once: p50',
  'p99',
  'per s',
];

function* clientTables({ requests, flows }: ClientTimes): Generator<string> {
  if (requests.length > 0) yield aligned([requestHead, ...requests.map(requestRow)]);
  for (const { store, flows: count, reads, first } of flows) {
    yield `${store}: ${count} code flows read the clients in the store ${reads} times (the first one: ${first})`;
  }
}

const changeRow = ({ figure, before, now, gain }: Change): Row => {
  const digits = now.median < 20 ? 2 : 0;
  return [figure, spread(before, digits), spread(now, digits), spread(gain, 2)];
};

/** What a person reads. */
export function print(report: Report): string {
  const head = ['operations per CPU-second', 'plain', 'ours', 'ratio (min–max)', 'floor', ''];
  const { operations, changes, queries = [], clients, dashboard } = report;
  const others = [...otherRows(report)];
  return [
    ...(operations.length > 0 ? [aligned([head, ...operations.map(operationRow)])] : []),
    ...(changes
      ? [
          aligned([
            ['ratios to plain, and others', 'before', 'now', 'gain (min–max)'],
            ...changes.map(changeRow),
          ]),
        ]
      : []),
    ...(others.length > 0 ? [aligned(others)] : []),
    ...(queries.length > 0
      ? [aligned([['store queries by documents, ms', 'p50', 'p99'], ...queries.map(queryRow)])]
      : []),
    ...(clients ? clientTables(clients) : []),
    ...(dashboard ? dashboardTables(dashboard) : []),
  ].join('\n\n');
}
