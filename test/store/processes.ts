import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { secondProcess } from './second-process.ts';
import { fresh, type Subject, things as spec, times } from './subject.ts';

/** A stand-in for a database on a busy machine has hundreds of writes of two processes to bring in order. */
const PATIENCE = 120_000;

/** Two processes on one store. The jobs of the other one stand in `worker.ts`. */
export function processes({ things, store, open }: Subject, url: () => string): void {
  const both = (...job: string[]) =>
    Promise.all([secondProcess(url(), ...job), secondProcess(url(), ...job)]).then((started) =>
      Promise.all(started.map((process) => process.run())),
    );

  test(
    'of two processes exactly one takes each of 200 documents',
    async () => {
      const prefix = fresh();
      await Promise.all(times(200, (i) => things().put(`${prefix}-${i}`, {})));
      const taken = (await both('take', prefix, '200')) as number[][];
      expect(taken.flat().sort((a, b) => a - b)).toEqual(times(200, (i) => i));
    },
    PATIENCE,
  );

  test(
    'of two processes exactly one is the first with each of 200 keys',
    async () => {
      const first = (await both('once', fresh(), '200')) as number[][];
      expect(first.flat().sort((a, b) => a - b)).toEqual(times(200, (i) => i));
    },
    PATIENCE,
  );

  test(
    'two processes lose no increment to each other',
    async () => {
      const id = fresh();
      await things().insert(id, { n: 0 });
      await both('increment', id, '100');
      expect(await things().get(id)).toMatchObject({ version: 201, value: { n: 200 } });
    },
    PATIENCE,
  );

  test('what another process wrote is read at once', async () => {
    const id = fresh();
    const other = await secondProcess(url(), 'put', id);
    await other.run();
    expect((await things().get(id))?.value).toEqual({ from: 'the other process' });
  });

  test('a listener hears of another process’s change in time', async () => {
    const id = fresh();
    const other = await secondProcess(url(), 'put', id);
    const heard = new Map<string | undefined, number>();
    const stop = store().watch(spec, (changed) => heard.set(changed, Date.now()));
    // A listener that has just come may first be told that anything may have changed.
    await pause(store().staleness + 200);
    heard.clear();
    const written = (await other.run()) as number;
    await pause(store().staleness + 500);
    stop();
    const told = heard.get(id) ?? heard.get(undefined) ?? Number.POSITIVE_INFINITY;
    // The bound, and what a busy machine adds to any timer.
    expect(told - written).toBeLessThan(store().staleness + 400);
  });

  test('a process killed while writing loses nothing that was acknowledged', async () => {
    const writer = await secondProcess(url(), 'write', fresh());
    const acknowledged = await writer.runUntilKilled(200);
    expect(acknowledged.length).toBeGreaterThanOrEqual(200);
    const reopened = await open();
    const read = acknowledged.map((id) => reopened.collection(spec).get(id));
    expect((await Promise.all(read)).filter((entry) => entry === undefined)).toEqual([]);
    await reopened.close();
  });
}
