import { jest } from '@jest/globals';

/** Moves the clock that everything in this process reads. Undo it with `jest.restoreAllMocks()`. */
export function pass(seconds: number): void {
  const now = Date.now();
  const { hrtime } = process;
  const start = hrtime.bigint();
  jest
    .spyOn(Date, 'now')
    .mockImplementation(
      () => now + seconds * 1000 + Number((hrtime.bigint() - start) / 1_000_000n),
    );
}
