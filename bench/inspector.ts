import { once } from 'node:events';
import type { Child } from './child.ts';

/** A CPU profile as V8 writes it. */
export interface CpuProfile {
  nodes: {
    id: number;
    callFrame: { functionName: string; url: string; lineNumber: number };
    children?: number[];
  }[];
  samples: number[];
  /** Microseconds before each sample. */
  timeDeltas: number[];
}

/** Makes profiles of a process that was started with `inspectFlag`. */
export interface Profiler {
  start(): Promise<void>;
  stop(): Promise<CpuProfile>;
  close(): void;
}

export const inspectFlag = '--inspect=127.0.0.1:0';

/** Microseconds between two samples. */
const INTERVAL = 250;

/** @throws {Error} when the process has no inspector */
export async function attachProfiler(child: Child): Promise<Profiler> {
  const [address] = /ws:\/\/\S+/.exec(child.errors()) ?? [];
  if (!address) throw new Error(`${child.name} has no inspector`);
  const socket = new WebSocket(address);
  await once(socket, 'open');

  let last = 0;
  const call = (method: string, params = {}) =>
    new Promise<unknown>((resolve, reject) => {
      last += 1;
      const id = last;
      const listen = ({ data }: MessageEvent) => {
        const message = JSON.parse(String(data));
        if (message.id !== id) return;
        socket.removeEventListener('message', listen);
        if (message.error) reject(new Error(message.error.message));
        else resolve(message.result);
      };
      socket.addEventListener('message', listen);
      socket.send(JSON.stringify({ id, method, params }));
    });

  await call('Profiler.enable');
  await call('Profiler.setSamplingInterval', { interval: INTERVAL });
  return {
    start: async () => void (await call('Profiler.start')),
    stop: async () => ((await call('Profiler.stop')) as { profile: CpuProfile }).profile,
    close: () => socket.close(),
  };
}
