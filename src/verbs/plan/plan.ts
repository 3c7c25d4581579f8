/** `plan`: what a reload of a file would change in the table. */

import { parseArgs } from 'node:util';
import { settled } from '../../checks/check.js';
import { findConfiguration } from '../../config/find.js';
import { readConfiguration } from '../../daemon.js';
import { openBackend } from '../../ipvs/open.js';
import type { ObservedTable } from '../../ipvs/table.js';
import { type Circumstances, type Forecast, forecast, type KnownServer } from '../../reconcile/forecast.js';
import { type OutlookEntry, tableOf } from '../../status/outlook.js';
import { type Command, changes, done, unusable, usage } from '../command.js';
import { type DaemonClient, daemonClient, isUnreachable } from '../daemon-client.js';
import { described } from '../inspect.js';
import { surfaceOf } from '../surface.js';
import { difference } from './diff.js';
import { ipvsadmCommand } from './ipvsadm.js';

type Found = Omit<Circumstances, 'settled'>;

const nothing: Found = { known: [], table: new Map(), owned: new Set(), removed: new Map() };

/** FILE is planned for the daemon of CONFIG; without one they are the same. */
export async function plan(command: Command): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...command.args],
    allowPositionals: true,
    options: {
      ipvsadm: { type: 'boolean', default: false },
      empty: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const [path, ...more] = positionals;
  if (more.length > 0) throw usage('plan: at most one FILE');
  const client = await daemonClient(command);
  const { file } = path === undefined ? client : await findConfiguration(path);
  const loaded = await readConfiguration(file, command);
  if (loaded.config === null) {
    process.stderr.write(described(file, loaded, process.stderr));
    return unusable;
  }
  const found = values.empty ? nothing : await circumstances(client, command);
  const made = forecast(loaded.config, { ...found, settled: (virtual) => settled(virtual)?.up ?? null });
  const { colour } = surfaceOf(process.stdout);
  const lines = values.json
    ? made.operations.map((operation) => JSON.stringify(operation))
    : values.ipvsadm
      ? made.operations.map(ipvsadmCommand)
      : difference(made, found.table, colour);
  for (const line of lines) process.stdout.write(`${line}\n`);
  if (made.operations.length === 0) process.stderr.write('nothing to do\n');
  return codeOf(made);
}

function codeOf({ operations }: Forecast): number {
  return operations.length === 0 ? done : changes;
}

/** What the daemon knows; without one, the table as it stands. */
async function circumstances(client: DaemonClient, { backend }: Command): Promise<Found> {
  try {
    return await outlookFrom(client);
  } catch (error) {
    if (!isUnreachable(error)) throw error;
  }
  process.stderr.write(
    `ldirectord: plan: no daemon runs for ${client.file}: its health is not known, every server counts as up\n`,
  );
  const standing = await openBackend(backend);
  try {
    return { ...nothing, table: await standing.read() };
  } finally {
    await standing.close();
  }
}

async function outlookFrom(client: DaemonClient): Promise<Found> {
  const known: KnownServer[] = [];
  const entries: OutlookEntry[] = [];
  let owned: readonly string[] = [];
  let removed: readonly (readonly [string, readonly string[]])[] = [];
  for await (const data of client.stream('outlook')) {
    const part = data as OutlookPart;
    if (part.owned) owned = part.owned;
    if (part.removed) removed = part.removed;
    if (part.servers) known.push(...part.servers);
    if (part.entry) entries.push(part.entry);
  }
  const table: ObservedTable = tableOf(entries);
  return { known, table, owned: new Set(owned), removed: new Map(removed.map(([key, gone]) => [key, new Set(gone)])) };
}

interface OutlookPart {
  readonly owned?: readonly string[];
  readonly removed?: readonly (readonly [string, readonly string[]])[];
  readonly servers?: readonly KnownServer[];
  readonly entry?: OutlookEntry;
}
