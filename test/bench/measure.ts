/** Goes through the works: round by round, one peer after another, each from nothing. */

import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench } from './bench.js';
import { type Peer, type PeerName, workOf } from './peers/peer.js';
import { Resources } from './resources.js';
import { type Readings, type Row, rowOf } from './results.js';
import type { Workload } from './workloads/workload.js';

export interface Plan {
  readonly works: readonly Workload[];
  readonly peers: readonly Peer[];
  readonly rounds: number;
  /** Told what is being done, and what could not be. */
  readonly tell: (text: string) => void;
}

export interface Outcome {
  readonly rows: readonly Row[];
  /** Measurements that could not be made. */
  readonly failures: number;
}

export async function measureAll(bench: Bench, { works, peers, rounds, tell }: Plan): Promise<Outcome> {
  const rows: Row[] = [];
  let failures = 0;
  for (const work of works) {
    const found = new Map<PeerName, Readings[]>();
    const count = Math.min(rounds, work.rounds ?? rounds);
    for (let round = 1; round <= count; round += 1) {
      const able = peers.filter(
        ({ name }) => work.peers.includes(workOf(name)) && !(work.isInProcess && name === 'before'),
      );
      // What one leaves behind in the kernel (connections in TIME_WAIT) meets each of them in turn.
      for (const peer of round % 2 === 0 ? able.toReversed() : able) {
        tell(`${work.name}: round ${round} of ${count}, ${peer.name}`);
        try {
          const readings = await measureOne(bench, work, peer);
          found.set(peer.name, [...(found.get(peer.name) ?? []), readings]);
        } catch (error) {
          failures += 1;
          tell(`${work.name}: ${peer.name} could not be measured: ${(error as Error).message}`);
        }
      }
    }
    rows.push(...work.measures.map((measure) => rowOf(work.title, measure, found)));
  }
  return { rows, failures };
}

/** In a folder of its own, and with nothing left over in the end. */
async function measureOne(bench: Bench, work: Workload, peer: Peer): Promise<Readings> {
  const resources = new Resources();
  bench.resources.add(() => resources.close());
  const folder = join(bench.folder, 'measurement');
  try {
    await mkdir(folder);
    return await work.measure({ ...bench, folder, resources }, peer);
  } finally {
    await resources.close();
    await rm(folder, { recursive: true, force: true });
  }
}
