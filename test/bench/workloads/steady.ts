/** Many servers that are all well, checked at a steady rate: what a check costs, and how punctual it is. */

import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../bench.js';
import { startCapture } from '../capture.js';
import { latenessOf } from '../lateness.js';
import { type Load, portFor } from '../load.js';
import { type OwnWord, type Peer, type PeerName, startPeer, workOf } from '../peers/peer.js';
import { memory, parseCounter, processorTime } from '../processes.js';
import type { Goal, Measure, Readings } from '../results.js';
import { type Kind, oneService, targets } from '../scenario.js';
import { median } from '../statistics.js';
import type { Workload } from './workload.js';

export interface Steady {
  readonly name: string;
  readonly title: string;
  /** What each peer does; who cannot do it as ours does is compared in what it does instead. */
  readonly kinds: Readonly<Partial<Record<PeerName, Kind>>>;
  readonly servers: number;
  /** Seconds from one check of a server to the next. */
  readonly interval: number;
  /** Seconds that are not measured once every server has been asked, and that are. */
  readonly warmUp: number;
  readonly window: number;
  /** By the names of the measures. */
  readonly goals: Readonly<Record<string, readonly Goal[]>>;
}

const measures: readonly Measure[] = [
  { name: 'checks', unit: '/s' },
  { name: 'processor time', unit: 'µs/check' },
  { name: 'of it user', unit: 'µs/check' },
  { name: 'of it system', unit: 'µs/check' },
  { name: 'late p50', unit: 'ms' },
  { name: 'late p99', unit: 'ms' },
  { name: 'late worst', unit: 'ms' },
  { name: 'skipped', unit: '' },
  { name: 'late p99, own word', unit: 'ms' },
  { name: 'late worst, own word', unit: 'ms' },
  { name: 'skipped, own word', unit: '' },
  { name: 'removed wrongly', unit: '' },
  { name: 'resident memory', unit: 'MB' },
];

/** Milliseconds until every server has been asked; after that who checks is measured as it is. */
const patience = 60_000;

export function steady(spec: Steady): Workload {
  return {
    name: spec.name,
    title: spec.title,
    peers: Object.keys(spec.kinds) as PeerName[],
    measures: measures.map((measure) => ({ ...measure, goals: spec.goals[measure.name] ?? [] })),
    measure: (bench, peer) => measure(bench, peer, spec),
  };
}

async function measure(bench: Bench, peer: Peer, spec: Steady): Promise<Readings> {
  const { load } = bench;
  const kind = spec.kinds[workOf(peer.name)] ?? 'http';
  const port = portFor(kind, load);
  const services = oneService(targets(spec.servers, port));
  const earlier = await answered(kind, load);
  const { program } = await startPeer(bench, peer, { kind, services, interval: spec.interval, timeout: 3 });
  const deadline = performance.now() + patience;
  while ((await answered(kind, load)) < earlier + spec.servers && performance.now() < deadline) await sleep(100);
  await sleep(spec.warmUp * 1000);

  let removed = 0;
  const words: OwnWord[] = [];
  program.onLine(({ text }) => {
    if (peer.removed(text) !== null) removed += 1;
    const word = peer.ownWord?.(text) ?? null;
    if (word !== null) words.push(word);
  });
  const capture = await startCapture(bench, kind, port);
  const before = await look(program.pid, kind, load);
  await sleep(spec.window * 1000);
  const after = await look(program.pid, kind, load);
  const { resident } = await memory(program.pid);
  const late = latenessOf(await capture.finish(), spec.interval * 1000);
  program.assertRunning();

  const checks = after.checks - before.checks;
  if (checks === 0) throw new Error(`no check arrived within ${spec.window} s`);
  const perCheck = (from: number, to: number): number => ((to - from) * 1000) / checks;
  const user = perCheck(before.time.user, after.time.user);
  const system = perCheck(before.time.system, after.time.system);
  return {
    checks: (checks * 1000) / (after.at - before.at),
    'processor time': user + system,
    'of it user': user,
    'of it system': system,
    'late p50': late.p50,
    'late p99': late.p99,
    'late worst': late.worst,
    skipped: late.skipped,
    'removed wrongly': removed,
    'resident memory': resident,
    ...(words.length > 0 && sumUp(words)),
  };
}

/** Of seconds: the middle one's p99, the worst of all, and all that was skipped. */
function sumUp(words: readonly OwnWord[]): Readings {
  return {
    'late p99, own word': median(words.map(({ p99 }) => p99)),
    'late worst, own word': Math.max(...words.map(({ worst }) => worst)),
    'skipped, own word': words.reduce((sum, { skipped }) => sum + skipped, 0),
  };
}

async function look(pid: number, kind: Kind, load: Load) {
  return { checks: await answered(kind, load), time: await processorTime(pid), at: performance.now() };
}

/** Checks that have reached their end at the server since some time in the past. */
async function answered(kind: Kind, load: Load): Promise<number> {
  if (kind !== 'connect' && kind !== 'ping') return load.requests();
  const counters = await readFile('/proc/net/snmp', 'utf8');
  return kind === 'ping' ? parseCounter(counters, 'Icmp', 'InEchos') : parseCounter(counters, 'Tcp', 'PassiveOpens');
}
