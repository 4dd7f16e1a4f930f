/** What is written down about what the engine did: log, uses, statistics, failures. */
import type { Clients } from './clients/clients.ts';
import type { Usage } from './clients/usage.ts';
import type { Config } from './config/schema.ts';
import type { Log } from './lib/log.ts';
import type { Vault } from './lib/seal.ts';
import { logEvents, noteUses } from './oidc/events.ts';
import { createFailures } from './oidc/failures/failures.ts';
import { noteFailures } from './oidc/failures/note.ts';
import type { createProvider } from './oidc/provider.ts';
import { countEvents, createStatistics } from './oidc/statistics.ts';
import type { Store } from './store/store.ts';

interface ObserverParts {
  config: Config;
  store: Store;
  vault: Vault;
  clients: Clients;
  usage: Usage;
  log: Log;
}

export function observe(provider: ReturnType<typeof createProvider>, parts: ObserverParts) {
  const { config, store, usage, log } = parts;
  const statistics = createStatistics(store, (error) =>
    log.error({ err: error }, 'statistics not written'),
  );
  const failures = createFailures({ ...parts, settings: config.failures });
  logEvents(provider, log);
  noteUses(provider, usage);
  countEvents(provider, statistics);
  noteFailures(provider, failures);
  return {
    statistics,
    failures,
    async close() {
      await statistics.close();
      await failures.close();
    },
  };
}
