/** One weight changes in the largest configuration known. */

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
          { kind: 'at-most', value: 1_500 },
          { kind: 'ratio-at-most', value: 1, peer: 'keepalived' },
        ],
      },
      { name: 'longest stall', unit: 'ms', goals: [{ kind: 'at-most', value: 100 }] },
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

  const { address, port } = firstTarget(scenario);
  const changing = `${address}:${port}`;
  const begin = Date.now();
  let removed = 0;
  let changedAt = Number.POSITIVE_INFINITY;
  program.onLine(({ text, at }) => {
    if (peer.removed(text) !== null) removed += 1;
    if (peer.reweighted(text) === changing) changedAt = Math.min(changedAt, at);
  });
  const times: number[] = [];
  for (let round = 0; round < spec.reloads && (times[0] ?? 0) < slow; round += 1) {
    changedAt = Number.POSITIVE_INFINITY;
    const signalled = await reload(withWeight(scenario, round + 2));
    while (changedAt > performance.now() && performance.now() < signalled + patience) await sleep(5);
    times.push(Math.min(changedAt - signalled, patience));
    await sleep(pause);
  }
  program.assertRunning();
  const recorded = await readFile(stalls, 'utf8').catch(() => '');
  return {
    'signal to change': median(times),
    'removed wrongly': removed,
    ...(workOf(peer.name) === 'ours' && { 'longest stall': longestStall(recorded, begin) }),
  };
}

/** As in the large file, but each server at an address of loopback that answers. */
function largeServices(count: number, port: number): Service[] {
  return largeShape.slice(0, count).map((servers, index) => {
    const block = `${index >> 8}.${index & 255}`;
    const target = (server: number) => ({ address: `127.${block}.${server + 1}`, port, weight: 1 });
    return { address: `192.${block}.1`, targets: Array.from({ length: servers }, (_, server) => target(server)) };
  });
}

function firstTarget({ services }: Scenario): Target {
  const target = services[0]?.targets[0];
  if (!target) throw new Error('there is no server');
  return target;
}

/** The same with another weight of the first server. */
function withWeight(scenario: Scenario, weight: number): Scenario {
  const first = firstTarget(scenario);
  const services = scenario.services.map((service) => {
    if (!service.targets.includes(first)) return service;
    return {
      ...service,
      targets: service.targets.map((target) => (target === first ? { ...target, weight } : target)),
    };
  });
  return { ...scenario, services };
}
