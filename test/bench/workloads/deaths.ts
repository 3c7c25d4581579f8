/** Single servers die among thousands, while others swallow every packet. */

import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../helpers/free-port.js';
import { startTcpBlackHole } from '../../helpers/tcp-black-hole.js';
import type { Bench } from '../bench.js';
import { type Peer, startPeer } from '../peers/peer.js';
import type { Readings } from '../results.js';
import { oneService, type Target, targets } from '../scenario.js';
import { quantile } from '../statistics.js';
import { grouped, type Workload } from './workload.js';

export interface DeathsSpec {
  readonly servers: number;
  /** Of them: that swallow every packet, and that die. */
  readonly blackHoles: number;
  readonly deaths: number;
  /** Seconds before the first death, and from the first to the last. */
  readonly warmUp: number;
  readonly span: number;
}

const interval = 1;
/** Milliseconds after the last death; a server that is in the table still counts as if it had gone then. */
const patience = 30_000;

export function deathsWork(spec: DeathsSpec): Workload {
  return {
    name: 'deaths',
    title: `a server dies among ${grouped(spec.servers)} checked by connects, ${grouped(spec.blackHoles)} black-holed`,
    peers: ['ours', 'keepalived'],
    measures: [
      { name: 'death to removal p50', unit: 'ms' },
      { name: 'death to removal p99', unit: 'ms', goals: [{ kind: 'at-most', value: interval * 1000 + 100 }] },
      { name: 'not removed', unit: '' },
    ],
    measure: (bench, peer) => measure(bench, peer, spec),
  };
}

async function measure(bench: Bench, peer: Peer, spec: DeathsSpec): Promise<Readings> {
  const hole = await startTcpBlackHole('0.0.0.0');
  bench.resources.add(() => hole.close());
  const mortal = await startMortals(bench, spec.deaths);
  const well = targets(spec.servers - spec.blackHoles - spec.deaths, bench.load.http);
  const servers = [...well, ...targets(spec.blackHoles, hole.port, 17), ...mortal.map(({ target }) => target)];
  const scenario = { kind: 'connect', services: oneService(servers), interval, timeout: 3 } as const;
  const { program } = await startPeer(bench, peer, scenario);
  await sleep(spec.warmUp * 1000);

  const removed = new Map<string, number>();
  program.onLine(({ text, at }) => {
    const name = peer.removed(text);
    if (name !== null && !removed.has(name)) removed.set(name, at);
  });
  const died = new Map<string, number>();
  for (const { target, die } of mortal) {
    // At times that have nothing to do with those of the checks.
    await sleep((2 * Math.random() * spec.span * 1000) / spec.deaths);
    died.set(`${target.address}:${target.port}`, performance.now());
    die();
  }
  const end = performance.now() + patience;
  const left = (): string[] => [...died.keys()].filter((name) => !removed.has(name));
  while (left().length > 0 && performance.now() < end) await sleep(20);
  program.assertRunning();
  const times = [...died].map(([name, at]) => (removed.get(name) ?? end) - at);
  return {
    'death to removal p50': quantile(times, 0.5),
    'death to removal p99': quantile(times, 0.99),
    'not removed': left().length,
  };
}

interface Mortal {
  readonly target: Target;
  readonly die: () => void;
}

/** Servers of this process, each with an address of its own. */
async function startMortals(bench: Bench, count: number): Promise<Mortal[]> {
  const port = await freePort('0.0.0.0');
  return Promise.all(
    targets(count, port, 18).map(async (target) => {
      const open = new Set<Socket>();
      const server = createServer((socket) => {
        open.add(socket);
        socket.on('error', () => {}).on('close', () => open.delete(socket));
        socket.resume();
      });
      const die = (): void => {
        if (server.listening) server.close();
        for (const socket of open) socket.destroy();
      };
      bench.resources.add(die);
      server.listen({ host: target.address, port, backlog: 64 });
      await once(server, 'listening');
      return { target, die };
    }),
  );
}
