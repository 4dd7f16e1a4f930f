/** The suite's REST API, as far as a run needs it. */

export interface Module {
  testModule: string;
  /** Null when the plan's variant says everything. */
  variant: Readonly<Record<string, string>> | null;
}

/** A condition or an event in a module's log. */
export interface Entry {
  src: string;
  result?: string;
  msg?: string;
  error?: string;
  stacktrace?: unknown;
  requirements?: readonly string[];
}

/** Milliseconds. */
const TIMEOUT = 60_000;
const LOOK = 4_000;
/** A call is repeated when there was no answer: the suite is busy, or its proxy is. */
const TRIES = 4;

interface Question {
  query?: Readonly<Record<string, string | object | null>>;
  /** As JSON, but a string as it is. */
  body?: object | string;
}

/** @param url where the suite is, such as `https://localhost.emobix.co.uk:8443` */
export function createSuite(url: string) {
  const origin = url.replace(/\/$/, '');

  async function send(method: string, path: string, { query = {}, body }: Question) {
    const target = new URL(`${origin}/api${path}`);
    for (const [name, value] of Object.entries(query)) {
      if (value === null) continue;
      target.searchParams.set(name, typeof value === 'string' ? value : JSON.stringify(value));
    }
    const type = typeof body === 'string' ? 'text/plain' : 'application/json';
    for (let left = TRIES - 1; ; left -= 1) {
      try {
        return await fetch(target, {
          method,
          headers: { accept: 'application/json', ...(body && { 'content-type': type }) },
          ...(body && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
          signal: AbortSignal.timeout(TIMEOUT),
        });
      } catch (error) {
        const { message, cause } = error as Error;
        const reason = cause instanceof Error ? cause.message : message;
        if (left === 0) throw new Error(`${method} ${target.origin}${target.pathname}: ${reason}`);
        await new Promise((done) => setTimeout(done, 1000 * (TRIES - left)));
      }
    }
  }

  /** @returns undefined of what there is not, or not yet */
  async function find<Answer>(method: string, path: string, question: Question = {}) {
    const response = await send(method, path, question);
    if (response.status === 404) return undefined;
    const text = await response.text();
    if (!response.ok) {
      throw new Error(`${method} /api${path}: ${response.status} ${text.slice(0, 500)}`);
    }
    return (text === '' ? {} : JSON.parse(text)) as Answer;
  }

  async function ask<Answer>(method: string, path: string, question?: Question) {
    const answer = await find<Answer>(method, path, question);
    if (answer === undefined) throw new Error(`${method} /api${path}: 404`);
    return answer;
  }

  return {
    origin,

    createPlan: (planName: string, variant: object, config: object) =>
      ask<{ id: string; modules: readonly Module[] }>('POST', '/plan', {
        query: { planName, variant },
        body: config,
      }),
    deletePlan: (id: string) => find('DELETE', `/plan/${id}`),

    /** Makes a module of a plan; most begin at once, some wait for `start`. */
    create: async (plan: string, { testModule: test, variant }: Module) =>
      (await ask<{ id: string }>('POST', '/runner', { query: { test, plan, variant } })).id,
    start: (id: string) => ask('POST', `/runner/${id}`),
    cancel: (id: string) => find('DELETE', `/runner/${id}`),
    /** The ids of all that run, of other plans too. */
    running: () => ask<readonly string[]>('GET', '/runner/running'),

    /** What a module is now; it answers at the latest after four seconds, sooner when a state is reached. */
    async look(id: string, states: readonly string[]) {
      const query = { states: states.join(), timeoutMs: String(LOOK) };
      await find('GET', `/runner/${id}/wait-state`, { query });
      return ask<{ status: string; result?: string }>('GET', `/info/${id}`);
    },
    nameOf: async (id: string) =>
      (await find<{ testName: string }>('GET', `/info/${id}`))?.testName,
    log: (id: string) => ask<readonly Entry[]>('GET', `/log/${id}`),

    /** Addresses that nobody has visited yet, and how many visits of the suite's own browser last. */
    async visits(id: string) {
      const told = await find<{ urls?: string[]; runners?: unknown[] }>(
        'GET',
        `/runner/browser/${id}`,
      );
      return { urls: told?.urls ?? [], busy: told?.runners?.length ?? 0 };
    },
    visited: (id: string, address: string) =>
      find('POST', `/runner/browser/${id}/visit`, { query: { url: address } }),

    /** Where a module waits for a picture of a page. */
    placeholders: async (id: string) =>
      (await ask<readonly { upload?: string }[]>('GET', `/log/${id}/images`)).flatMap(
        ({ upload }) => upload ?? [],
      ),
    upload: (id: string, placeholder: string, image: string) =>
      ask('POST', `/log/${id}/images/${placeholder}`, { body: image }),
  };
}

export type Suite = ReturnType<typeof createSuite>;
