/** Programs that forward connections: how they are told where from and where to, and with how many threads. */

import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lacks } from '../../helpers/programs.js';
import type { Bench } from '../bench.js';
import { Program } from '../program.js';
import { type Peer, type PeerName, workOf } from './peer.js';

/** What is balanced: ports of 127.0.0.1. */
export interface Way {
  readonly from: number;
  readonly to: number;
  /** Connections at once. */
  readonly connections: number;
  /** One where nothing is said; nginx has no more. */
  readonly threads?: number;
  /** Further virtual services, for who checks: lines of ldirectord.cf. */
  readonly checked?: string;
  /** Files beside the configuration, by name. */
  readonly files?: Readonly<Record<string, string>>;
}

interface Balancer {
  readonly configuration: (way: Way, folder: string) => string;
  readonly command: (file: string, folder: string, peer: Peer, bench: Bench) => readonly string[];
}

/** Debian's place for the module of libnginx-mod-stream. */
const streamModule = '/usr/lib/nginx/modules/ngx_stream_module.so';

const balancers: Readonly<Partial<Record<PeerName, Balancer>>> = {
  ours: {
    configuration: ({ from, to, checked = '' }) =>
      `supervised=yes\nchecktimeout=3\nnegotiatetimeout=3\nvirtual=127.0.0.1:${from}\n\treal=127.0.0.1:${to} masq\n\tscheduler=rr\n\tchecktype=connect\n${checked}`,
    // Of another version it is another program.
    command: (file, folder, peer, { native }) =>
      peer.command({ folder, file, native }).command.map((word) => (word === 'memory' ? 'userspace' : word)),
  },
  haproxy: {
    configuration: ({ from, to, threads = 1 }) => `global
  nbthread ${threads}
defaults
  mode tcp
  timeout connect 5s
  timeout client 15m
  timeout server 15m
listen balanced
  bind 127.0.0.1:${from}
  server one 127.0.0.1:${to}
`,
    command: (file) => ['haproxy', '-db', '-f', file],
  },
  nginx: {
    configuration: ({ from, to, connections }, folder) => `load_module ${streamModule};
daemon off;
master_process off;
pid ${folder}/nginx.pid;
events { worker_connections ${2 * connections + 512}; }
stream { server { listen 127.0.0.1:${from} backlog=16384; proxy_pass 127.0.0.1:${to}; proxy_timeout 15m; } }
`,
    command: (file, folder) => ['nginx', '-p', folder, '-e', 'stderr', '-c', file],
  },
};

/** Milliseconds until it forwards. */
const patience = 20_000;

export async function startBalancer(bench: Bench, peer: Peer, way: Way, env: NodeJS.ProcessEnv = {}): Promise<Program> {
  const { name } = peer;
  const balancer = balancers[workOf(name)];
  if (balancer === undefined) throw new Error(`${name} does not balance`);
  const { folder } = bench;
  const file = join(folder, `${name}-balancer.cf`);
  await writeFile(file, balancer.configuration(way, folder));
  const { threads = 1 } = way;
  const many = threads === 1 ? '' : `balancerthreads = ${threads}\n`;
  const files = { 'ldirectord.ini': `loglevel = debug\n${many}`, ...way.files };
  for (const [called, text] of Object.entries(files)) await writeFile(join(folder, called), text);
  const [first = '', ...words] = balancer.command(file, folder, peer, bench);
  const program = new Program({
    command: [first, ...words],
    cores: bench.cores.checkers,
    env: { LDIRECTORD_RUN_DIR: folder, ...env },
  });
  bench.resources.add(() => program.stop());
  const deadline = performance.now() + patience;
  while (!(await answers(way.from))) {
    program.assertRunning();
    if (performance.now() > deadline) throw new Error(`${name} does not forward`);
  }
  return program;
}

async function answers(port: number): Promise<boolean> {
  const signal = AbortSignal.timeout(1_000);
  const asking = fetch(`http://127.0.0.1:${port}/`, { signal, headers: { connection: 'close' } });
  return asking.then(
    async (answer) => (await answer.text()) !== '',
    () => new Promise((resolve) => setTimeout(resolve, 50, false)),
  );
}

/** They check nothing here. */
const checksNothing = {
  kinds: [],
  configuration: () => '',
  command: () => {
    throw new Error('it checks nothing');
  },
  removed: () => null,
  reweighted: () => null,
} as const;

export const haproxy: Peer = { name: 'haproxy', missing: () => lacks('haproxy') || null, ...checksNothing };

export const nginx: Peer = {
  name: 'nginx',
  missing: () => (existsSync(streamModule) ? null : 'libnginx-mod-stream is not installed'),
  ...checksNothing,
};
