/** The three ways in which a client is written, each asked in the same words and answering alike. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClientFileError } from '../../src/client-files/flaw.ts';
import { run } from '../../src/commands.ts';
import type { ConfigInput } from '../../src/config/schema.ts';
import type { Violation } from '../../src/lib/problem.ts';
import type { Shell } from '../../src/shell.ts';
import { attester } from '../flows/attester.ts';
import { serveJson } from '../support/https.ts';
import { type Answer, CALLBACK, type Op, startOp } from '../support/op.ts';
import { openedTypes } from './detail-type-values.ts';

export type Metadata = Readonly<Record<string, unknown>>;

/** What became of a client: the metadata that are stored, or what refused it, as `POINTER RULE`. */
export type Verdict =
  | { accepted: true; stored: Metadata }
  | { accepted: false; refusals: readonly string[]; error?: string };

export interface Channels {
  /** `POST /api/v1/clients` */
  rest(client: Metadata): Promise<Verdict>;
  /** `POST /register` */
  registration(client: Metadata): Promise<Verdict>;
  /** `clients apply`, all at once: by the id that each is to have. */
  file(clients: ReadonlyMap<string, Metadata>): Promise<ReadonlyMap<string, Verdict>>;
  /** An address that lists the redirect URIs of clients here. */
  sector: string;
  close(): Promise<void>;
}

/** In all three the same: what is open to strangers is everything that a rule allows. */
const policy = {
  name: 'everything',
  types: ['web', 'single-page-application', 'native', 'server-to-server', 'device'],
  loopback: true,
  authorization_details_types: openedTypes,
};
const settings: ConfigInput = {
  mtls: { mode: 'proxy' },
  attestation: { issuers: [attester] },
  registration: { mode: 'open', open_policy: policy.name },
};

const said = ({ pointer, rule }: Pick<Violation, 'pointer' | 'rule'>) => `${pointer} ${rule}`;
const sorted = (refusals: readonly string[]) => [...new Set(refusals)].sort();

/** JSON is YAML; what is not ASCII is escaped, so that no reader makes another character of it. */
const yamlOf = (value: unknown) =>
  JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** Each flaw of a refused file, by the client: `PLACE clients/ID/NAMES` and facts under it. */
function flawsIn(report: string): Map<string, string[]> {
  const flaws = new Map<string, string[]>();
  for (const block of report.split('\n\n').slice(1)) {
    const [, id = '', path = ''] = /^\S*:\d+:\d+ clients\/([^/\n]+)(.*)/.exec(block) ?? [];
    const [, rule] = /\n {2}(?:rule|found): +(.+)/.exec(block) ?? [];
    flaws.set(id, [...(flaws.get(id) ?? []), said({ pointer: path, rule: rule ?? block })]);
  }
  return flaws;
}

/** RFC 6901 as the report of a file has it: without escapes, and on a terminal. */
export const asPath = (pointer: string) => pointer.replaceAll('~1', '/').replaceAll('~0', '~');

export async function openChannels(): Promise<Channels> {
  const folder = mkdtempSync(join(tmpdir(), 'clientele-channels-'));
  const given = process.env.TEST_STORE ?? '';
  const store = given.startsWith('mongodb') ? given : `sqlite:${join(folder, 'store.db')}`;
  const op = await startOp(settings, { store });
  await op.admin('/registration-policies', { method: 'POST', body: policy });
  const sector = await serveJson(() => [CALLBACK]);

  const read = async (id: string): Promise<Verdict> => ({
    accepted: true,
    stored: (await op.admin(`/clients/${id}`)).body,
  });
  const refusedBy = ({ body }: Answer): Verdict => ({
    accepted: false,
    refusals: sorted((body.errors ?? []).map(said)),
    error: body.error ?? body.code,
  });

  return {
    sector: `${sector.origin}/`,

    async rest(client) {
      const answer = await op.admin('/clients', { method: 'POST', body: client });
      return answer.status === 201 ? read(answer.body.client_id) : refusedBy(answer);
    },

    async registration(client) {
      const response = await fetch(`${op.issuer}/register`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(client),
      });
      const { status, headers } = response;
      const body = JSON.parse(await response.text());
      return status === 201 ? read(body.client_id) : refusedBy({ status, headers, body });
    },

    async file(clients) {
      const verdicts = new Map<string, Verdict>();
      let rest = new Map(clients);
      // A file is refused as a whole and tells of everything: without what it tells of, it is applied.
      for (let refused = true; refused && rest.size > 0; ) {
        const flaws = await apply(op, folder, store, Object.fromEntries(rest));
        for (const [id, refusals] of flaws) {
          if (!rest.has(id)) throw new Error(`not a client of this file: ${id} ${refusals}`);
          verdicts.set(id, { accepted: false, refusals: sorted(refusals) });
        }
        rest = new Map([...rest].filter(([id]) => !flaws.has(id)));
        refused = flaws.size > 0;
      }
      for (const id of rest.keys()) verdicts.set(id, await read(id));
      return verdicts;
    },

    async close() {
      await op.close();
      sector.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Runs `clients apply --yes` in this process. @returns what refused the file, nothing when it was applied */
async function apply(op: Op, folder: string, store: string, clients: Metadata) {
  const path = join(folder, 'clients.yaml');
  const config = join(folder, 'config.yaml');
  writeFileSync(path, yamlOf({ version: 1, clients }));
  writeFileSync(config, JSON.stringify(settings));
  const shell = {
    env: {
      CONFIG_FILE: config,
      STORE_URL: store,
      ISSUER: op.issuer,
      SECRETS_KEY: op.config.secrets_key,
    },
    args: ['clients', 'apply', path, '--yes'],
    stdin: Object.assign((async function* () {})(), { isTTY: false }),
    say: () => {},
    ended: new Promise<void>(() => {}),
  } as unknown as Shell;
  try {
    await run(shell);
    return new Map<string, string[]>();
  } catch (error) {
    if (!(error instanceof ClientFileError)) throw error;
    return flawsIn(error.message);
  }
}
