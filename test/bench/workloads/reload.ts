/** One weight, one line or one section changes in the largest configuration known. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { largeShape } from '../../helpers/large-file.js';
import type { Bench } from '../bench.js';
import { type Peer, startPeer, workOf } from '../peers/peer.js';
import type { Readings } from '../results.js';
import type { Scenario, Service, Target } from '../scenario.js';
import { longestStall, stallMonitor } from '../stalls.js';
import { median } from '../statistics.js';
import { grouped, type Workload } from './workload.js';

export interface ReloadSpec {
  /** Of the large file's 2,277, each with 16 or 17 servers. */
  readonly services: number;
  /** Seconds from one check of a server to the next. */
  readonly interval: number;
  readonly reloads: number;
}

/** Milliseconds that a reload counts as where its change does not come: keepalived 2.2 takes minutes. */
const patience = 120_000;
/** After so many one reload says enough. */
const slow = 20_000;
/** Between two, for what a reload leaves behind. */
const pause = 3_000;

export function reloadWork(spec: ReloadSpec): Workload {
  return {
    name: 'reload',
    title: `reload of ${grouped(spec.services)} virtuals, one weight changed`,
    peers: ['ours', 'keepalived'],
    rounds: 1,
    measures: [
      {
        name: 'signal to change',
        unit: 'ms',
        goals: [
          { kind: 'at-most', value: 300 },
          { kind: 'ratio-at-most', value: 1, peer: 'keepalived' },
        ],
      },
      { name: 'signal to a server put in', unit: 'ms', goals: [{ kind: 'at-most', value: 300 }] },
      { name: 'signal to a service put in', unit: 'ms', goals: [{ kind: 'at-most', value: 300 }] },
      { name: 'longest stall', unit: 'ms', goals: [{ kind: 'at-most', value: 30 }] },
      { name: 'removed wrongly', unit: '' },
    ],
    measure: (bench, peer) => measure(bench, peer, spec),
  };
}

async function measure(bench: Bench, peer: Peer, spec: ReloadSpec): Promise<Readings> {
  const services = largeServices(spec.services, bench.load.http);
  const scenario: Scenario = { kind: 'http', services, interval: spec.interval, timeout: 3 };
  const stalls = join(bench.folder, 'stalls');
  const { program, reload } = await startPeer(
    bench,
    peer,
    scenario,
    workOf(peer.name) === 'ours' ? stallMonitor(stalls) : {},
  );
  // Until every server has been checked: a weight is set for one that is up.
  await sleep((spec.interval + 10) * 1000);

  const begin = Date.now();
  let removed = 0;
  let awaited: (line: string) => boolean = () => false;
  let changedAt = Number.POSITIVE_INFINITY;
  program.onLine(({ text, at }) => {
    if (peer.removed(text) !== null) removed += 1;
    if (awaited(text)) changedAt = Math.min(changedAt, at);
  });
  let current = scenario;
  /** Until the log says it of the server that each round is about. */
  const timed = async (edit: Edit, told: Peer['reweighted']): Promise<number> => {
    const times: number[] = [];
    for (let round = 0; round < spec.reloads && (times[0] ?? 0) < slow; round += 1) {
      const { after, target } = edit(current, round);
      changedAt = Number.POSITIVE_INFINITY;
      awaited = (line) => told(line) === `${target.address}:${target.port}`;
      const signalled = await reload(after);
      current = after;
      while (changedAt > performance.now() && performance.now() < signalled + patience) await sleep(5);
      times.push(Math.min(changedAt - signalled, patience));
      await sleep(pause);
    }
    return median(times);
  };
  const readings: Record<string, number> = { 'signal to change': await timed(withWeight, peer.reweighted) };
  if (peer.added !== undefined) {
    readings['signal to a server put in'] = await timed(withServer, peer.added);
    readings['signal to a service put in'] = await timed(withService, peer.added);
  }
  program.assertRunning();
  const recorded = await readFile(stalls, 'utf8').catch(() => '');
  return {
    ...readings,
    'removed wrongly': removed,
    ...(workOf(peer.name) === 'ours' && { 'longest stall': longestStall(recorded, begin).stall }),
  };
}

/** What a file says after an edit, and the server that it is about. */
type Edit = (before: Scenario, round: number) => { readonly after: Scenario; readonly target: Target };

/** As in the large file, but each server at an address of loopback that answers. */
function largeServices(count: number, port: number): Service[] {
  return largeShape.slice(0, count).map((servers, index) => {
    const block = `${index >> 8}.${index & 255}`;
    const target = (server: number) => ({ address: `127.${block}.${server + 1}`, port, weight: 1 });
    return { address: `192.${block}.1`, targets: Array.from({ length: servers }, (_, server) => target(server)) };
  });
}

function firstOf({ services }: Scenario): { service: Service; target: Target; others: readonly Service[] } {
  const [service, ...others] = services;
  const target = service?.targets[0];
  if (service === undefined || target === undefined) throw new Error('there is no server');
  return { service, target, others };
}

/** Another weight of the first server. */
function withWeight(before: Scenario, round: number): ReturnType<Edit> {
  const { service, target, others } = firstOf(before);
  const targets = service.targets.map((one) => (one === target ? { ...one, weight: round + 2 } : one));
  return { after: { ...before, services: [{ ...service, targets }, ...others] }, target };
}

/** One more server of the first service: every line below it is another one. */
function withServer(before: Scenario, round: number): ReturnType<Edit> {
  const { service, target: first, others } = firstOf(before);
  const target = { ...first, address: `127.200.0.${round + 1}` };
  const targets = [...service.targets, target];
  return { after: { ...before, services: [{ ...service, targets }, ...others] }, target };
}

/** One more service behind the first. */
function withService(before: Scenario, round: number): ReturnType<Edit> {
  const { service, target: first, others } = firstOf(before);
  const target = { ...first, address: `127.200.1.${round + 1}` };
  const added = { address: `192.200.${round}.1`, targets: [target] };
  return { after: { ...before, services: [service, added, ...others] }, target };
}
