/** One weight changes in the largest configuration known. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { largeShape } from '../../helpers/large-file.js';
import type { Bench } from '../bench.js';
import { type Peer, startPeer } from '../peers/peer.js';
import type { Readings } from '../results.js';
import type { Scenario, Service } from '../scenario.js';
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

/** Milliseconds for one reload, and between two: for what a reload leaves behind to be done with. */
const patience = 60_000;
const pause = 3_000;

export function reloadWork(spec: ReloadSpec): Workload {
  return {
    name: 'reload',
    title: `reload of ${grouped(spec.services)} virtuals, one weight changed`,
    peers: ['ours', 'keepalived'],
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
    ],
    measure: (bench, peer) => measure(bench, peer, spec),
  };
}

async function measure(bench: Bench, peer: Peer, spec: ReloadSpec): Promise<Readings> {
  const services = largeServices(spec.services, bench.load.http);
  const scenario: Scenario = { kind: 'http', services, interval: spec.interval, timeout: 3 };
  const stalls = join(bench.folder, 'stalls');
  const { program, reload } = await startPeer(bench, peer, scenario, peer.name === 'ours' ? stallMonitor(stalls) : {});
  // Until every server has been checked: a weight is set for one that is up.
  await sleep((spec.interval + 10) * 1000);

  const begin = Date.now();
  const times: number[] = [];
  for (let round = 0; round < spec.reloads; round += 1) {
    const changed = withWeight(scenario, round + 2);
    const seen = program.lines(/\(Weight set to |Changing weight from /, 1, patience);
    // Handled where it is waited for; this is for the time until then.
    seen.catch(() => {});
    const signalled = await reload(changed);
    const [line] = await seen;
    if (line === undefined || peer.reweighted(line.text) === null)
      throw new Error(`not a changed weight: ${line?.text}`);
    times.push(line.at - signalled);
    await sleep(pause);
  }
  program.assertRunning();
  const recorded = await readFile(stalls, 'utf8').catch(() => '');
  return {
    'signal to change': median(times),
    ...(peer.name === 'ours' && { 'longest stall': longestStall(recorded, begin) }),
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

/** The same with another weight of the first server. */
function withWeight(scenario: Scenario, weight: number): Scenario {
  const [first, ...others] = scenario.services;
  const [target, ...further] = first?.targets ?? [];
  if (!first || !target) throw new Error('there is no server');
  return { ...scenario, services: [{ ...first, targets: [{ ...target, weight }, ...further] }, ...others] };
}
