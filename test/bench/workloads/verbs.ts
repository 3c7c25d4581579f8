/** What a command costs that is called all the time, beside Node that does nothing, in turns. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { nodeFlags } from '../../../src/process/heap.js';
import type { Bench } from '../bench.js';
import { type Peer, startPeer } from '../peers/peer.js';
import { processorOfEnded } from '../processes.js';
import type { Goal, Readings } from '../results.js';
import { oneService, targets } from '../scenario.js';
import { median } from '../statistics.js';
import type { Workload } from './workload.js';

const verbs = ['--version', 'status', 'list', 'check'] as const;
const servers = 2;
/** Milliseconds. */
const patience = 60_000;
const goals: readonly Goal[] = [{ kind: 'at-most', value: 1.4 }];

export function verbsWork(turns: number): Workload {
  return {
    name: 'verbs',
    title: `commands, ${servers} servers, as multiples of node -e 0`,
    peers: ['ours'],
    measures: [
      { name: 'node -e 0, wall', unit: 'ms' },
      { name: 'node -e 0, processor', unit: 'ms' },
      ...verbs.flatMap((verb) => [
        { name: `${verb}, wall`, unit: '', goals },
        { name: `${verb}, processor`, unit: '', goals },
      ]),
    ],
    measure: (bench, peer) => measure(bench, peer, turns),
  };
}

async function measure(bench: Bench, peer: Peer, turns: number): Promise<Readings> {
  const { folder, native, cores, load } = bench;
  const services = oneService(targets(servers, load.http));
  const { program } = await startPeer(bench, peer, { kind: 'http', services, interval: 1, timeout: 3 });
  await program.lines(/Added real server/, servers, patience);
  const file = join(folder, `${peer.name}.cf`);
  const { command, env } = peer.command({ folder, file, native });
  // As the launcher does it: flags of V8 are for what becomes a daemon.
  const flags: readonly string[] = nodeFlags;
  const own = command.slice(0, command.indexOf('--foreground')).filter((word) => !flags.includes(word));
  const commands = new Map<string, readonly string[]>([
    ['node -e 0', [process.execPath, '-e', '0']],
    ...verbs.map((verb) => [verb, verb.startsWith('-') ? [...own, verb] : [...own, file, verb]] as const),
  ]);
  const found = new Map([...commands.keys()].map((name) => [name, { wall: [] as number[], processor: 0 }]));
  for (let turn = 0; turn < turns; turn += 1) {
    for (const [name, words] of commands) {
      const sum = found.get(name);
      const before = await processorOfEnded();
      const begin = performance.now();
      await run(['-c', cores.checkers.join(','), ...words], env);
      sum?.wall.push(performance.now() - begin);
      if (sum !== undefined) sum.processor += (await processorOfEnded()) - before;
    }
  }
  program.assertRunning();
  const readings: Record<string, number> = {};
  const base = found.get('node -e 0');
  for (const [name, { wall, processor }] of found) {
    const isBase = base === undefined || name === 'node -e 0';
    readings[`${name}, wall`] = median(wall) / (isBase ? 1 : median(base.wall));
    // Hundredths of a second are too coarse for one of them, and right for the sum.
    readings[`${name}, processor`] = processor / (isBase ? turns : base.processor);
  }
  return readings;
}

async function run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  // By certificates, which `node -e 0` reads at once and we when they are needed, it would look slower than it is.
  const bare = { NODE_EXTRA_CA_CERTS: undefined, NODE_OPTIONS: undefined };
  const child = spawn('taskset', args, {
    stdio: 'ignore',
    env: { ...process.env, ...env, ...bare },
    timeout: patience,
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${args.join(' ')}: exit status ${code}`);
}
