/**
 * The embedded balancer beside others: what connections and bytes cost, and whom they disturb; each with one thread, and
 * what two of them do.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { descriptorLimit } from '../../../src/system/libc.js';
import { freePort } from '../../helpers/free-port.js';
import type { Bench } from '../bench.js';
import { startCapture } from '../capture.js';
import { latenessOf } from '../lateness.js';
import { largeFile } from '../load.js';
import { startBalancer, type Way } from '../peers/balancers.js';
import type { Peer, PeerName } from '../peers/peer.js';
import { memory, processorTime } from '../processes.js';
import { Program } from '../program.js';
import type { Goal, Readings } from '../results.js';
import { targets } from '../scenario.js';
import { grouped, type Workload } from './workload.js';

export interface BalancerSpec {
  /** Of one measurement. */
  readonly seconds: number;
  /** Connections that are idle. */
  readonly held: number;
  /** Servers that are checked while it is busy. */
  readonly checked: number;
}

const peers: readonly PeerName[] = ['ours', 'haproxy', 'nginx'];
/** Clients at once. */
const askers = 32;
const readers = 4;
/** Seconds before what is measured. */
const warmUp = 2;
/** Milliseconds of patience with the clients, beside their own time. */
const patience = 30_000;
/** What our balancer takes of them at most, and some of that for others. */
const shareOfDescriptors = 3 / 4;
const spare = 500;

const beside = (kind: 'ratio-at-most' | 'ratio-at-least', value: number): Goal[] => [{ kind, value, peer: 'haproxy' }];

export function balancerWorks(spec: BalancerSpec): readonly Workload[] {
  const { seconds } = spec;
  // A connection takes two of the balancer, which leaves some for all else.
  const held = Math.min(spec.held, Math.floor((descriptorLimit() * shareOfDescriptors - spare) / 2));
  return [
    {
      name: 'balancer-connections',
      title: `balancer, a connection for each request, ${askers} clients`,
      peers,
      measures: [
        { name: 'connections', unit: '/s', goals: beside('ratio-at-least', 0.75) },
        { name: 'processor time', unit: 'µs/connection' },
        { name: 'failed', unit: '', goals: [{ kind: 'at-most', value: 0 }] },
      ],
      measure: async (bench, peer) => {
        const { done, cost, failed } = await busy(bench, peer, askers, seconds, '/');
        return { connections: done / seconds, 'processor time': (cost * 1000) / done, failed };
      },
    },
    {
      name: 'balancer-bytes',
      title: `balancer, answers of 8 MB, ${readers} clients`,
      peers,
      measures: [
        { name: 'bytes', unit: 'MB/s', goals: beside('ratio-at-least', 1.1) },
        { name: 'processor time', unit: 'µs/MB', goals: beside('ratio-at-most', 1) },
      ],
      measure: async (bench, peer) => {
        const { megabytes, cost } = await busy(bench, peer, readers, seconds, `/${largeFile}`);
        return { bytes: megabytes / seconds, 'processor time': (cost * 1000) / megabytes };
      },
    },
    {
      name: 'balancer-threads',
      title: 'balancer, two threads and one, the same clients',
      peers: peers.filter((name) => name !== 'nginx'),
      measures: ['one thread', 'two threads'].flatMap((threads) => [
        { name: `connections, ${threads}`, unit: '/s' },
        { name: `processor time, ${threads}`, unit: 'µs/connection' },
        { name: `bytes, ${threads}`, unit: 'MB/s' },
        { name: `time of bytes, ${threads}`, unit: 'µs/MB' },
      ]),
      measure: async (bench, peer) => ({
        ...(await manyThreads(bench, peer, 1, seconds)),
        ...(await manyThreads(bench, peer, 2, seconds)),
      }),
    },
    {
      name: 'balancer-idle',
      title: `balancer, ${grouped(held)} idle connections`,
      peers,
      rounds: 1,
      measures: [{ name: 'each connection', unit: 'KB', goals: [{ kind: 'at-most', value: 6 }] }],
      measure: (bench, peer) => idle(bench, peer, held),
    },
    {
      name: 'balancer-checks',
      title: `checks of ${grouped(spec.checked)} servers, interval 1 s, while the balancer is busy`,
      peers: ['ours'],
      measures: [
        { name: 'late p99', unit: 'ms', goals: [{ kind: 'at-most', value: 100 }] },
        { name: 'late worst', unit: 'ms' },
        { name: 'late p99, not busy', unit: 'ms' },
        { name: 'skipped', unit: '', goals: [{ kind: 'at-most', value: 0 }] },
        { name: 'connections', unit: '/s' },
      ],
      measure: (bench, peer) => checking(bench, peer, spec),
    },
  ];
}

/** So many of them: short connections, then long ones. */
async function manyThreads(bench: Bench, peer: Peer, threads: 1 | 2, seconds: number): Promise<Readings> {
  const name = threads === 1 ? 'one thread' : 'two threads';
  const short = await busy(bench, peer, askers, seconds, '/', threads);
  const long = await busy(bench, peer, readers, seconds, `/${largeFile}`, threads);
  return {
    [`connections, ${name}`]: short.done / seconds,
    [`processor time, ${name}`]: (short.cost * 1000) / short.done,
    [`bytes, ${name}`]: long.megabytes / seconds,
    [`time of bytes, ${name}`]: (long.cost * 1000) / long.megabytes,
  };
}

async function balanced(bench: Bench, peer: Peer, connections: number, more: Pick<Way, 'checked' | 'threads'> = {}) {
  const from = await freePort();
  const way = { from, to: bench.load.http, connections, ...more };
  return { program: await startBalancer(bench, peer, way), from };
}

/** What one time at it has come to. */
async function busy(bench: Bench, peer: Peer, count: number, seconds: number, path: string, threads = 1) {
  const { program, from } = await balanced(bench, peer, count, { threads });
  await ask(bench, from, count, warmUp, path);
  const before = await processorTime(program.pid);
  const { done, megabytes, failed } = await ask(bench, from, count, seconds, path);
  const after = await processorTime(program.pid);
  program.assertRunning();
  if (done === 0) throw new Error('no answer came');
  await program.stop();
  return { done, megabytes, failed, cost: after.user + after.system - before.user - before.system };
}

/** By clients beside the servers. */
async function ask(bench: Bench, port: number, count: number, seconds: number, path: string) {
  const command = [bench.native.clients, 'load', String(port), String(count), String(seconds), path] as const;
  const program = new Program({ command, cores: [bench.cores.load] });
  bench.resources.add(() => program.stop());
  const [line] = await program.lines(/^\d+ \d+ \d+ /, 1, seconds * 1000 + patience);
  const [done = 0, bytes = 0, failed = 0] = (line?.text ?? '').split(' ').map(Number);
  return { done, megabytes: bytes / 1e6, failed };
}

async function idle(bench: Bench, peer: Peer, held: number): Promise<Readings> {
  const { program, from } = await balanced(bench, peer, held);
  await ask(bench, from, askers, 1, '/');
  const before = await memory(program.pid);
  const command = [bench.native.clients, 'hold', String(from), String(held)] as const;
  const clients = new Program({ command, cores: [bench.cores.load] });
  bench.resources.add(() => clients.stop());
  await clients.lines(/^held$/, 1, patience);
  await sleep(warmUp * 1000);
  const after = await memory(program.pid);
  program.assertRunning();
  clients.assertRunning();
  return { 'each connection': ((after.resident - before.resident) * 1000) / held };
}

/** Checks go to another port of the servers than what is balanced: they are told apart by it. */
async function checking(bench: Bench, peer: Peer, { seconds, checked }: BalancerSpec): Promise<Readings> {
  const { https } = bench.load;
  const reals = targets(checked, https).map(({ address, port }) => `\treal=${address}:${port} masq\n`);
  const section = `virtual=127.0.0.1:${await freePort()}\n${reals.join('')}\tchecktype=connect\n`;
  const { program, from } = await balanced(bench, peer, askers, {
    checked: `\tcheckinterval=10\n${section}\tcheckinterval=1\n`,
  });
  const lateness = async (during: Promise<unknown>) => {
    const capture = await startCapture(bench, 'connect', https);
    await during;
    const late = latenessOf(await capture.finish(), 1000);
    if (late.checks === 0) throw new Error('no check arrived');
    return late;
  };
  await sleep(warmUp * 1000);
  const before = await lateness(sleep(seconds * 1000));
  await ask(bench, from, askers, warmUp, '/');
  const asking = ask(bench, from, askers, seconds, '/');
  const late = await lateness(asking);
  const { done } = await asking;
  program.assertRunning();
  return {
    'late p99': late.p99,
    'late worst': late.worst,
    'late p99, not busy': before.p99,
    skipped: late.skipped,
    connections: done / seconds,
  };
}
