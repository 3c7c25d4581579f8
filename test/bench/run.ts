/** `npm run bench`: this program and its peers at the same work, as a table of medians. It never fails for being slow. */

import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeOther, type Other } from './against.js';
import { type Options, readArguments, usage } from './arguments.js';
import { startLoad } from './load.js';
import { allowedCores, enterNetwork, isInside, missing, moveTo, shareCores } from './machine.js';
import { measureAll, type Outcome } from './measure.js';
import { makeNative } from './native.js';
import { haproxy, nginx } from './peers/balancers.js';
import { keepalived } from './peers/keepalived.js';
import { before, ours } from './peers/ours.js';
import type { Peer } from './peers/peer.js';
import { reference } from './peers/reference.js';
import { Resources } from './resources.js';
import { formatTable } from './table.js';
import { catalogue, chosen } from './workloads/catalogue.js';
import type { Workload } from './workloads/workload.js';

const badUsage = 2;
const interrupted = 130;
/** Processes that want to run, as a mean over the last minute, which disturb nobody. */
const quiet = 0.5;
/** Says where the program of the other version is. */
const otherVariable = 'LDIRECTORD_BENCH_OTHER';

async function main(script: string, argv: readonly string[]): Promise<number> {
  let options: Options;
  let works: readonly Workload[];
  try {
    options = readArguments(argv);
    works = chosen(catalogue(options.quick), options.names);
  } catch (error) {
    process.stderr.write(`bench: ${(error as Error).message}\n${usage}`);
    return badUsage;
  }
  if (options.help) {
    process.stdout.write(usage);
    return 0;
  }
  const why = missing();
  if (why !== null) {
    process.stderr.write(`bench: it cannot measure here: ${why}\n`);
    return 1;
  }
  if (isInside()) {
    await enterNetwork([script, ...argv]);
    return measureInside(options, works);
  }
  if (options.against === null) return (await enterNetwork([script, ...argv])) ?? 1;
  // Before this process leaves the network: packages may be missing.
  let other: Other;
  try {
    other = await makeOther(options.against, tell);
  } catch (error) {
    process.stderr.write(`bench: nothing can be made of ${options.against}: ${(error as Error).message}\n`);
    return 1;
  }
  try {
    return (await enterNetwork([script, ...argv], { [otherVariable]: other.cli })) ?? 1;
  } finally {
    await other.remove();
  }
}

async function measureInside(options: Options, works: readonly Workload[]): Promise<number> {
  const resources = new Resources();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      tell('interrupted: ending what runs');
      void resources.close().finally(() => process.exit(interrupted));
    });
  }
  try {
    const { rows, failures } = await measureWith(resources, options, works);
    process.stdout.write(options.json ? `${JSON.stringify(rows, null, 2)}\n` : formatTable(rows));
    return failures === 0 ? 0 : 1;
  } finally {
    await resources.close();
  }
}

async function measureWith(resources: Resources, options: Options, works: readonly Workload[]): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'ldirectord-bench-'));
  resources.add(() => rm(folder, { recursive: true, force: true }));
  const cores = shareCores(allowedCores(), options.cores);
  if (options.quick) tell('a quick run: the goals are those of the full one');
  const [busy = 0] = loadavg();
  if (busy > quiet) tell(`other work runs here (load average ${busy.toFixed(1)}): rates and lateness suffer from it`);
  tell(`the load is on processor ${cores.load}, who checks on ${cores.checkers.join(', ')}`);
  await moveTo(cores.load);
  const native = await makeNative(folder);
  const load = await startLoad(cores.load);
  resources.add(() => load.close());
  const rounds = options.rounds ?? (options.quick ? 1 : 3);
  return measureAll({ folder, cores, native, load, resources }, { works, peers: present(), rounds, tell });
}

function present(): Peer[] {
  const other = process.env[otherVariable];
  if (other !== undefined) return [ours, before(other)];
  return [ours, keepalived, reference, haproxy, nginx].filter((peer) => {
    const why = peer.missing();
    if (why !== null) tell(`${why}: left out`);
    return why === null;
  });
}

function tell(text: string): void {
  process.stderr.write(`bench: ${text}\n`);
}

process.exitCode = await main(process.argv[1] ?? '', process.argv.slice(2));
