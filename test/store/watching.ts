import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { fresh, notes, type Subject, things as thingsSpec } from './subject.ts';

/** Changes are told, this process's own at once. */
export function watching({ store, things }: Subject): void {
  test('a listener hears of every kind of change before its writer goes on', async () => {
    const heard: (string | undefined)[] = [];
    const stop = store().watch(thingsSpec, (id) => heard.push(id));
    const group = fresh();
    const changes = {
      insert: (id: string) => things().insert(id, { group }),
      put: (id: string) => things().put(id, { group }),
      update: (id: string) => things().update(id, 2, { group }),
      take: (id: string) => things().take(id),
      delete: (id: string) => things().delete(id),
    };
    const id = fresh();
    for (const change of Object.values(changes)) {
      heard.length = 0;
      await change(id);
      expect(heard).toContain(id);
    }
    await things().insert(id, { group });
    heard.length = 0;
    await things().deleteBy('group', group);
    expect(heard.includes(id) || heard.includes(undefined)).toBe(true);
    stop();
  });

  test('a listener hears nothing of another collection, and nothing after it left', async () => {
    const heard: (string | undefined)[] = [];
    const id = fresh();
    const stop = store().watch(thingsSpec, (changed) => heard.push(changed));
    await store().collection(notes).put(id, {});
    expect(heard).not.toContain(id);
    stop();
    stop();
    await pause(20);
    heard.length = 0;
    await things().put(id, {});
    await pause(20);
    expect(heard).toEqual([]);
  });

  test('one listener leaving leaves the others', async () => {
    const heard: (string | undefined)[] = [];
    const listener = (id: string | undefined) => heard.push(id);
    const stops = [store().watch(thingsSpec, listener), store().watch(thingsSpec, listener)];
    stops[0]?.();
    const id = fresh();
    await things().put(id, {});
    expect(heard).toContain(id);
    stops[1]?.();
  });

  test('refused writes and takes that found nothing are no changes', async () => {
    const id = fresh();
    await things().insert(id, {});
    const heard: (string | undefined)[] = [];
    const stop = store().watch(thingsSpec, (changed) => heard.push(changed));
    const other = fresh();
    await things().take(other);
    await things().delete(other);
    await things()
      .update(other, 1, {})
      .catch(() => {});
    expect(heard).not.toContain(other);
    stop();
  });
}
