/**
 * How long the API takes to list, search, read and change clients when there are many. The server is
 * a process of its own; a request is timed by who waits for it, one at a time and eight at once.
 */
import { join } from 'node:path';
import { clientsCollection, type StoredClient } from '../src/clients/client.ts';
import { collections } from '../src/collections.ts';
import { openStore } from '../src/store/open.ts';
import { type Ask, createHttpClient, type HttpClient } from './client.ts';
import { populationClient } from './client-population.ts';
import { type ClientRequest, clientRequests } from './client-requests.ts';
import { COUNT, fill, percentiles, withDatabase } from './filled.ts';
import { countFlowReads, type FlowReads } from './flow-reads.ts';
import { attachProfiler, inspectFlag } from './inspector.ts';
import { isWanted, type Options } from './options.ts';
import { administrator, createOurs } from './ours.ts';
import { profileAlone } from './profiling.ts';

/** The times of one kind of request on one store. */
export interface RequestTimes {
  store: string;
  clients: number;
  request: string;
  /** With one request under way, and with eight. */
  alone: Times;
  together: Times;
}

/** Milliseconds, but for `perSecond`. */
interface Times {
  p50: number;
  p99: number;
  perSecond: number;
}

export interface ClientTimes {
  requests: RequestTimes[];
  flows: FlowReads[];
}

const LANES = 8;
/** Fewer would have no 99th percentile. */
const LEAST = 200;
/** Clients in one of the pages that lead to those further on; the most that the API gives. */
const STRIDE = 500;

type Send = (ask: Ask) => Promise<string>;

/** Whether the part was asked for, as `clients: ` and its name. */
const wanted = (options: Options, name: string) => isWanted(options, `clients: ${name}`);

/** Where the pages by name begin, up to the middle of all. */
async function followCursors(send: Send): Promise<string[]> {
  const cursors: string[] = [];
  for (let read = 0; read < COUNT / 2; read += STRIDE) {
    const query = new URLSearchParams({ sort: 'name', limit: String(STRIDE) });
    const last = cursors.at(-1);
    if (last) query.set('after', last);
    cursors.push(JSON.parse(await send({ to: `/api/v1/clients?${query}` })).next);
  }
  return cursors;
}

/** @throws {Error} when the answer does not hold what it is to hold */
function check({ name, items }: ClientRequest, body: string): void {
  if (items === undefined) return;
  const page: { items: { conforming: boolean }[] } = JSON.parse(body);
  if (page.items.length !== items) throw new Error(`${name}: ${page.items.length} clients`);
  if (!page.items.every(({ conforming }) => conforming)) throw new Error(`${name}: ${body}`);
}

/** Sends requests until the time is over. @returns how long each took, milliseconds */
async function run(
  send: Send,
  request: ClientRequest,
  lanes: number,
  seconds: number,
): Promise<number[]> {
  const times: number[] = [];
  const end = performance.now() + seconds * 1000;
  const lane = async () => {
    while (performance.now() < end || times.length < LEAST) {
      const ask = request.ask();
      const before = performance.now();
      await send(ask);
      times.push(performance.now() - before);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return times;
}

async function measure(url: string, folder: string, options: Options): Promise<RequestTimes[]> {
  const ours = createOurs(folder, url);
  // The first start makes what a store needs, and finds no client whose keys it would look through.
  await (await ours.start()).stop();
  const store = await openStore(url, collections);
  const { kind } = store;
  await fill(store.collection<StoredClient>(clientsCollection), populationClient);
  await store.close();

  const child = await ours.start(...(options.prof ? [inspectFlag] : []));
  const profiler = options.prof ? await attachProfiler(child) : undefined;
  const http: HttpClient = createHttpClient(child.url);
  try {
    const scope = 'clients:read clients:write';
    const authorization = await administrator(http, child.url, ours.admin, scope);
    const send: Send = async (ask) =>
      (await http.send({ ...ask, headers: { authorization } }, 200)).body;

    const rows: RequestTimes[] = [];
    for (const request of clientRequests(COUNT, await followCursors(send))) {
      if (!wanted(options, request.name)) continue;
      process.stderr.write(`clients: ${request.name}, ${kind} …\n`);
      check(request, await send(request.ask()));
      await run(send, request, LANES, options.seconds / 2);
      const timed = async (lanes: number): Promise<Times> => {
        const begun = performance.now();
        const times = await run(send, request, lanes, options.seconds);
        const perSecond = (times.length / (performance.now() - begun)) * 1000;
        return { ...percentiles(times), perSecond };
      };
      if (profiler) {
        const count = async () => (await run(send, request, 1, options.seconds)).length;
        console.log(await profileAlone(`clients: ${request.name}`, profiler, count));
        continue;
      }
      const row = { store: kind, clients: COUNT, request: request.name };
      rows.push({ ...row, alone: await timed(1), together: await timed(LANES) });
    }
    return rows;
  } finally {
    profiler?.close();
    http.rest();
    await child.stop();
  }
}

/**
 * Measures SQLite and, where there is one, MongoDB.
 * @param folder for the files
 * @param mongodb a server's connection string; what is filled there is a database of its own, dropped
 */
export async function measureClients(
  folder: string,
  options: Options,
  mongodb?: string,
): Promise<ClientTimes> {
  const onBoth = async <T>(name: string, one: (url: string) => Promise<T>): Promise<T[]> => [
    await one(`sqlite:${join(folder, name)}`),
    ...(mongodb === undefined ? [] : [await withDatabase(mongodb, one)]),
  ];
  const requests = await onBoth('clients.db', (url) => measure(url, folder, options));
  const countsFlows = !options.prof && wanted(options, 'code flows');
  return {
    requests: requests.flat(),
    flows: countsFlows ? await onBoth('flows.db', countFlowReads) : [],
  };
}
