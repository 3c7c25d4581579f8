/**
 * Half an hour of all at once: checks, clients of the balancer, a reload with an edit every few seconds, an open page,
 * scrapes and `list`. What is wanted is not that it is small but that it is level: what a process holds after the first
 * third is what it holds in the end.
 */

import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '../../helpers/free-port.js';
import { cli } from '../../helpers/process.js';
import type { Bench } from '../bench.js';
import { startBalancer } from '../peers/balancers.js';
import { ownWord } from '../peers/ours.js';
import type { Peer } from '../peers/peer.js';
import { Program } from '../program.js';
import type { Readings } from '../results.js';
import { received, type Target, targets } from '../scenario.js';
import { longestStall, stallMeasures, stallMonitor, stallReadings } from '../stalls.js';
import { levelMeasures, levelOf, type Sample, sampleOf } from './level.js';
import { grouped, type Workload } from './workload.js';

export interface SoakSpec {
  readonly seconds: number;
  readonly servers: number;
  /** Of one virtual service. */
  readonly each: number;
}

/** Seconds. */
const interval = 5;
const pace = { sample: 5, reload: 5, look: 5, scrape: 15, list: 30 } as const;
/** Clients of the balancer at once. */
const clients = 2;
/** Milliseconds for anything that is asked of it. */
const patience = 20_000;
/** Characters of what a verb answers. */
const longestAnswer = 1 << 26;

const run = promisify(execFile);

export function soakWork(spec: SoakSpec): Workload {
  const atMost = (value: number) => ({ goals: [{ kind: 'at-most', value }] }) as const;
  return {
    name: 'soak',
    title: `${grouped(spec.seconds)} s of checks, ${grouped(spec.servers)} servers, balancer, reloads, page, scrapes`,
    peers: ['ours'],
    rounds: 1,
    isLong: true,
    measures: [
      ...levelMeasures,
      { name: 'skipped', unit: '', ...atMost(0) },
      ...stallMeasures(null),
      { name: 'balanced', unit: '' },
      { name: 'balanced, failed', unit: '', ...atMost(0) },
      { name: 'reloads', unit: '' },
      { name: 'answers that failed', unit: '', ...atMost(0) },
    ],
    measure: (bench, peer) => measure(bench, peer, spec),
  };
}

async function measure(bench: Bench, peer: Peer, { seconds, servers, each }: SoakSpec): Promise<Readings> {
  const { folder } = bench;
  const stalls = join(folder, 'stalls');
  const [from, page, closed] = [await freePort(), await freePort(), await freePort()];
  const all = targets(servers, bench.load.http);
  const ports: number[] = [];
  while (ports.length * each < servers) ports.push(await freePort());
  const checked = (edit: number): string =>
    ports.map((port, index) => sectionOf(port, all.slice(index * each, (index + 1) * each), edit, closed)).join('');
  const files = { 'ldirectord.ini': `loglevel = debug\nhttp = 127.0.0.1:${page}\n` };
  const way = { from, to: bench.load.http, connections: clients, checked: checked(0), files };
  const program = await startBalancer(bench, peer, way, stallMonitor(stalls));
  const late: number[] = [];
  let skipped = 0;
  program.onLine(({ text }) => {
    const word = ownWord(text);
    if (word === null) return;
    late.push(word.p99);
    skipped += word.skipped;
  });

  const begin = Date.now();
  const end = performance.now() + seconds * 1000;
  let failed = 0;
  /** Again and again until the end; what fails is counted, not thrown. */
  const repeat = async (every: number, act: (turn: number) => Promise<unknown>): Promise<number> => {
    let turn = 0;
    for (; performance.now() < end; turn += 1) {
      const next = performance.now() + every * 1000;
      await act(turn).catch(() => {
        failed += 1;
      });
      await sleep(Math.min(next, end) - performance.now());
    }
    return turn;
  };
  const ask = async (path: string): Promise<void> => {
    const answer = await fetch(`http://127.0.0.1:${page}${path}`, { signal: AbortSignal.timeout(patience) });
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  };
  const file = join(folder, `${peer.name}-balancer.cf`);
  const head = (await readFile(file, 'utf8')).slice(0, -checked(0).length);
  const verb = (...args: readonly string[]) => {
    const env = { ...process.env, LDIRECTORD_RUN_DIR: folder };
    return run(process.execPath, [cli, file, ...args], { env, timeout: patience, maxBuffer: longestAnswer });
  };
  const samples: Sample[] = [];
  const balanced = { done: 0, failed: 0 };
  const watching = new AbortController();
  const watched = watch(`http://127.0.0.1:${page}/events`, watching.signal);
  const [, reloads] = await Promise.all([
    repeat(pace.sample, async () => void samples.push(await sampleOf(program.pid, late.splice(0)))),
    repeat(pace.reload, async (turn) => {
      await writeFile(file, head + checked(turn + 1));
      await verb('reload');
    }),
    repeat(pace.look, () => Promise.all([ask('/api/v1/status'), ask('/api/v1/events?limit=200')])),
    repeat(pace.scrape, () => ask('/metrics')),
    repeat(pace.list, () => verb('list')),
    repeat(0, async () => {
      const span = Math.max(1, Math.min(10, Math.floor((end - performance.now()) / 1000)));
      const found = await balance(bench, from, span);
      balanced.done += found.done;
      balanced.failed += found.failed;
    }),
  ]);
  watching.abort();
  if (await watched) failed += 1;
  program.assertRunning();
  return {
    ...levelOf(samples),
    skipped,
    ...stallReadings(longestStall(await readFile(stalls, 'utf8'), begin)),
    balanced: balanced.done,
    'balanced, failed': balanced.failed,
    reloads,
    'answers that failed': failed,
  };
}

/**
 * Each edit changes the weight of one server in each service, lets another one be down, and has one service without its
 * last server: checks end and begin.
 */
function sectionOf(port: number, all: readonly Target[], edit: number, closed: number): string {
  const isShort = port % 7 === edit % 7;
  const reals = (isShort ? all.slice(0, -1) : all).map(({ address, port: own }, index) => {
    const isDown = index === (edit + 3) % all.length;
    return `\treal=${address}:${isDown ? closed : own} masq ${index === edit % all.length ? 2 : 1}\n`;
  });
  const check = `\tcheckinterval=${interval}\n\tservice=http\n\trequest="/"\n\treceive="${received}"\n`;
  return `virtual=127.0.0.1:${port}\n${reals.join('')}${check}`;
}

async function balance(bench: Bench, port: number, seconds: number): Promise<{ done: number; failed: number }> {
  const command = [bench.native.clients, 'load', String(port), String(clients), String(seconds), '/'] as const;
  const program = new Program({ command, cores: [bench.cores.load] });
  bench.resources.add(() => program.stop());
  const [line] = await program.lines(/^\d+ \d+ \d+ /, 1, seconds * 1000 + patience);
  const [done = 0, , failed = 0] = (line?.text ?? '').split(' ').map(Number);
  return { done, failed };
}

/** Reads the events as a page does; whether it was ended by somebody else. */
async function watch(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal });
    for await (const _ of answer.body ?? []);
    return true;
  } catch {
    return !signal.aborted;
  }
}
