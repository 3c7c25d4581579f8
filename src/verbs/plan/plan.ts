/** `plan`: what a reload of a file would change in the table. Who rules makes it, as it would carry it out. */

import { parseArgs } from 'node:util';
import { settle } from '../../checks/check.js';
import { findConfiguration } from '../../config/find.js';
import { readText } from '../../config/text.js';
import { longestRequest } from '../../control/connection.js';
import { type BackendName, capabilitiesOf } from '../../ipvs/capabilities.js';
import { openBackend } from '../../ipvs/open.js';
import type { ObservedTable } from '../../ipvs/table.js';
import type { Config, Fallback, RealServer } from '../../model/config.js';
import { nobodyOverridden } from '../../model/override.js';
import { alwaysActive } from '../../model/role.js';
import { nothingAsked } from '../../overrides/in-force.js';
import { standsAsUp, startsAsUp } from '../../reconcile/adoption.js';
import { forecastInSlices } from '../../reconcile/forecast.js';
import type { Evidence } from '../../reconcile/standings/standing.js';
import { readConfiguration } from '../../reload/read.js';
import { atOnce } from '../../slices.js';
import { type PlannedService, type PlanRequest, plannedServices } from '../../status/outlook.js';
import { backendOf } from '../backend.js';
import { type Command, changes, done, unusable, usage } from '../command.js';
import { type DaemonClient, daemonClient, isUnreachable } from '../daemon-client.js';
import { describeDiagnostics } from '../inspect.js';
import { surfaceOf } from '../surface.js';
import { difference } from './diff.js';
import { ipvsadmCommand } from './ipvsadm.js';

/** Milliseconds: a file and its names have to be read. */
const patience = 120_000;

/** FILE is planned for the daemon of CONFIG; without one they are the same. */
export async function plan(command: Command): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...command.args],
    allowPositionals: true,
    options: {
      ipvsadm: { type: 'boolean', default: false },
      empty: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      director: { type: 'string' },
    },
  });
  const [path, ...more] = positionals;
  if (more.length > 0) throw usage('plan: at most one FILE');
  if (values.director !== undefined && (path !== undefined || values.empty)) {
    throw usage('plan: --director stands instead of FILE, and without --empty');
  }
  const client = await daemonClient(command);
  const { file } = path === undefined ? client : await findConfiguration(path);
  const backend = await backendOf(command, client.file);
  const services =
    values.director !== undefined
      ? await towardDirector(client, values.director)
      : values.empty
        ? await planAlone(file, command, backend, new Map())
        : ((await planOf(client, await requestOf(path === undefined ? null : file, command))) ??
          (await planAlone(file, command, backend, await standing(client, backend))));
  if (typeof services === 'string') {
    process.stderr.write(services);
    return unusable;
  }
  // What is over once checks have passed is for people.
  const operations = services.flatMap(({ changes }) =>
    changes.filter(({ when }) => when !== 'meanwhile').map(({ operation }) => operation),
  );
  const lines = values.json
    ? operations.map((operation) => JSON.stringify(operation))
    : values.ipvsadm
      ? operations.map(ipvsadmCommand)
      : difference(services, surfaceOf(process.stdout));
  for (const line of lines) process.stdout.write(`${line}\n`);
  if (services.length === 0) process.stderr.write('nothing to do\n');
  return services.length === 0 ? done : changes;
}

/** What makes of this table that of another director. */
async function towardDirector(client: DaemonClient, director: string): Promise<readonly PlannedService[]> {
  const services: PlannedService[] = [];
  for await (const data of client.stream('plan-director', { director }, patience))
    services.push(data as PlannedService);
  return services;
}

/** Null is the file of the daemon, which reads it itself. */
async function requestOf(file: string | null, { strict }: Command): Promise<PlanRequest> {
  if (file === null) return { text: null, name: null, strict };
  const text = await readText(file);
  if (Buffer.byteLength(JSON.stringify({ text, file })) <= longestRequest - 1_000) return { text, name: file, strict };
  throw new Error(`${file}: plan: it is too large to be planned from elsewhere; plan it in its place, without FILE`);
}

/**
 * What the daemon makes of it, with what the file is warned of told; what is wrong with it where it cannot be taken; null
 * where no daemon runs.
 */
async function planOf(client: DaemonClient, request: PlanRequest): Promise<readonly PlannedService[] | string | null> {
  const services: PlannedService[] = [];
  let isTaken = false;
  try {
    for await (const data of client.stream('plan', request, patience)) {
      if (isTaken) {
        services.push(data as PlannedService);
        continue;
      }
      // A daemon of before warned of nothing.
      const { ok, diagnostics = '' } = data as { readonly ok: boolean; readonly diagnostics?: string };
      if (!ok) return diagnostics;
      process.stderr.write(diagnostics);
      isTaken = true;
    }
    return services;
  } catch (error) {
    if (isUnreachable(error)) return null;
    throw error;
  }
}

/** As if every server were up, and as a start would find the table. */
async function planAlone(
  file: string,
  { strict }: Command,
  backend: BackendName,
  table: ObservedTable,
): Promise<readonly PlannedService[] | string> {
  const loaded = await readConfiguration(file, { strict, capabilities: capabilitiesOf(backend) });
  const words = describeDiagnostics(file, loaded, process.stderr);
  if (loaded.config === null) return words;
  process.stderr.write(words);
  const made = forecastInSlices(loaded.config, {
    before: null,
    table,
    owned: new Set(),
    removed: new Map(),
    overrides: nothingAsked,
    role: alwaysActive,
    now: Date.now(),
    evidence: evidenceOf(loaded.config, table),
  });
  return plannedServices(atOnce(made), table);
}

/** What a start would know before its first check. */
function evidenceOf({ virtuals }: Config, table: ObservedTable): Evidence {
  const up = new Set<RealServer>();
  const decided = new Set<RealServer>();
  for (const virtual of virtuals) {
    const health = settle(virtual);
    for (const real of virtual.realServers) {
      if (health !== null) decided.add(real);
      if (health?.up ?? standsAsUp(virtual, real, nobodyOverridden, table)) up.add(real);
    }
    const hasAnswered = (one: Fallback): boolean => standsAsUp(virtual, one, nobodyOverridden, table);
    for (const one of virtual.fallbacks) if (startsAsUp(virtual, one, hasAnswered)) up.add(one);
  }
  return {
    isUp: (real) => up.has(real),
    isDecided: (real) => decided.has(real),
    isRefused: () => false,
    policyHoldOf: () => null,
  };
}

async function standing(client: DaemonClient, backend: BackendName): Promise<ObservedTable> {
  process.stderr.write(
    `ldirectord: plan: no daemon runs for ${client.file}: its health is not known, every server counts as up\n`,
  );
  const opened = await openBackend(backend);
  try {
    return await opened.read();
  } finally {
    await opened.close();
  }
}
