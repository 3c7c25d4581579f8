/** A few dead servers among many: what they cost the others where checks wait for each other. */

import { setTimeout as sleep } from 'node:timers/promises';
import { startTcpBlackHole } from '../../helpers/tcp-black-hole.js';
import type { Bench } from '../bench.js';
import { startCapture } from '../capture.js';
import { rateOf } from '../lateness.js';
import { type Peer, startPeer } from '../peers/peer.js';
import type { Readings } from '../results.js';
import { oneService, targets } from '../scenario.js';
import type { Workload } from './workload.js';

export interface SerialSpec {
  readonly servers: number;
  readonly dead: number;
  /** Seconds until a check has failed. */
  readonly timeout: number;
}

export function serialWork(spec: SerialSpec): Workload {
  return {
    name: 'serial',
    title: `HTTP, ${spec.servers} servers, ${spec.dead} dead, time-out ${spec.timeout} s`,
    peers: ['ours', 'reference'],
    rounds: 1,
    measures: [
      { name: 'checks', unit: '/s', goals: [{ kind: 'ratio-at-least', value: 50, peer: 'reference' }] },
      { name: 'servers seen checked', unit: '' },
    ],
    measure: (bench, peer) => measure(bench, peer, spec),
  };
}

async function measure(bench: Bench, peer: Peer, { servers, dead, timeout }: SerialSpec): Promise<Readings> {
  const hole = await startTcpBlackHole('0.0.0.0');
  bench.resources.add(() => hole.close());
  const well = targets(servers - dead, bench.load.http);
  const services = oneService([...targets(dead, hole.port, 17), ...well]);
  const { program } = await startPeer(bench, peer, { kind: 'http', services, interval: 1, timeout });
  // What is serial needs the time-outs of all for one round, and two rounds for one interval.
  const round = dead * timeout + 5;
  await sleep((peer.name === 'reference' ? round : 5) * 1000);
  const capture = await startCapture(bench, 'http', bench.load.http);
  await sleep((peer.name === 'reference' ? 2 * round : 10) * 1000);
  const arrivals = await capture.finish();
  program.assertRunning();
  const known = new Map([...arrivals].filter(([, times]) => times.length > 1));
  return { checks: rateOf(known), 'servers seen checked': known.size };
}
