/** Resident memory with few servers, and how much each further one takes. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../bench.js';
import { type Peer, startPeer } from '../peers/peer.js';
import { memory } from '../processes.js';
import type { Readings } from '../results.js';
import { oneService, targets } from '../scenario.js';
import { grouped, type Workload } from './workload.js';

export interface MemorySpec {
  readonly few: number;
  readonly many: number;
  /** Seconds from one check of a server to the next. */
  readonly interval: number;
}

/** After as many intervals it is looked at. */
const intervals = 3;

export function memoryWork(spec: MemorySpec): Workload {
  return {
    name: 'memory',
    title: `memory, HTTP, ${spec.few} and ${grouped(spec.many)} servers`,
    peers: ['ours', 'keepalived'],
    rounds: 1,
    measures: [
      { name: 'resident at few', unit: 'MB', goals: [{ kind: 'at-most', value: 60 }] },
      { name: 'shared in parts', unit: 'MB' },
      { name: 'each further', unit: 'KB', goals: [{ kind: 'at-most', value: 4 }] },
    ],
    measure: async (bench, peer) => measure(bench, peer, spec),
  };
}

async function measure(bench: Bench, peer: Peer, { few, many, interval }: MemorySpec): Promise<Readings> {
  const look = async (servers: number) => {
    const services = oneService(targets(servers, bench.load.http));
    const { program } = await startPeer(bench, peer, { kind: 'http', services, interval, timeout: 3 });
    await sleep(intervals * interval * 1000);
    const found = await memory(program.pid);
    program.assertRunning();
    await program.stop();
    return found;
  };
  const small = await look(few);
  const large = await look(many);
  return {
    'resident at few': small.resident,
    'shared in parts': small.proportional,
    'each further': ((large.resident - small.resident) * 1000) / (many - few),
  };
}
