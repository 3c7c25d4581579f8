/** All servers fail at once, as when a switch dies. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../bench.js';
import { startLoad } from '../load.js';
import { type Peer, startPeer } from '../peers/peer.js';
import type { Readings } from '../results.js';
import { oneService, targets } from '../scenario.js';
import { grouped, type Workload } from './workload.js';

export interface MassFailureSpec {
  readonly servers: number;
  /** Seconds before they fail. */
  readonly warmUp: number;
}

/** Milliseconds until the last one counts as if it had gone then. */
const patience = 60_000;

export function massFailureWork(spec: MassFailureSpec): Workload {
  return {
    name: 'mass',
    title: `${grouped(spec.servers)} servers checked by connects fail at once`,
    peers: ['ours', 'keepalived'],
    measures: [
      { name: 'first to last removal', unit: 's', goals: [{ kind: 'at-most', value: 3 }] },
      { name: 'death to last removal', unit: 's' },
      { name: 'not removed', unit: '' },
    ],
    measure: (bench, peer) => measure(bench, peer, spec),
  };
}

async function measure(bench: Bench, peer: Peer, spec: MassFailureSpec): Promise<Readings> {
  const load = await startLoad(bench.cores.load);
  bench.resources.add(() => load.close());
  const services = oneService(targets(spec.servers, load.http));
  const { program } = await startPeer(bench, peer, { kind: 'connect', services, interval: 1, timeout: 3 });
  await sleep(spec.warmUp * 1000);

  const removed = new Set<string>();
  let first = 0;
  let last = 0;
  program.onLine(({ text, at }) => {
    const name = peer.removed(text);
    if (name === null) return;
    if (removed.size === 0) first = at;
    last = at;
    removed.add(name);
  });
  const died = performance.now();
  await load.close();
  while (removed.size < spec.servers && performance.now() < died + patience) await sleep(20);
  program.assertRunning();
  if (removed.size < spec.servers) last = died + patience;
  return {
    'first to last removal': (last - first) / 1000,
    'death to last removal': (last - died) / 1000,
    'not removed': spec.servers - removed.size,
  };
}
