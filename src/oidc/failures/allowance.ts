/** How many times as much as of one client is taken of all together. */
const TOGETHER = 20;
const MINUTE = 60_000;

/** What is taken within a minute of the clock; counted in memory, which it bounds too. */
export interface Allowance {
  /** Whether anything at all is taken any more within this minute. */
  isOpen(): boolean;
  /** Counts one under a key; false: there were enough. */
  takes(key: string): boolean;
}

/** @param each how many of one key within a minute; of all keys together 20 times that */
export function createAllowance(each: number): Allowance {
  let minute = 0;
  let all = 0;
  let counts = new Map<string, number>();

  const turn = () => {
    const now = Math.floor(Date.now() / MINUTE);
    if (now === minute) return;
    minute = now;
    all = 0;
    counts = new Map();
  };

  return {
    isOpen() {
      turn();
      return all < each * TOGETHER;
    },
    takes(key) {
      turn();
      const count = counts.get(key) ?? 0;
      if (count >= each || all >= each * TOGETHER) return false;
      counts.set(key, count + 1);
      all += 1;
      return true;
    },
  };
}
