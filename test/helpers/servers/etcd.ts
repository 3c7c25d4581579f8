/** etcd from its packages etcd-server and etcd-client: one member alone, or a cluster. */

import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Certificate } from '../certificate.js';
import { freePort } from '../free-port.js';
import { lacks } from '../programs.js';
import { acceptsConnection, type ServerProgram, startServer } from './server-program.js';

export const etcdMissing = lacks('etcd') || lacks('etcdctl');

export interface EtcdOptions {
  readonly tls?: { readonly certificate: Certificate /** Of clients. */; readonly authority?: string };
  /** Which of a cluster it is; alone by default. */
  readonly member?: { readonly name: string; readonly peer: string; readonly initial: string };
  /** Further arguments. */
  readonly args?: readonly string[];
}

export interface Etcd extends ServerProgram {
  readonly endpoint: string;
  /** Runs etcdctl against it; gives what it prints. */
  ctl(...args: readonly string[]): Promise<string>;
  /** Ends it, and starts it again without anything of what it had. */
  renew(): Promise<void>;
  /** Keeps a copy of what it has now. */
  copy(): Promise<void>;
  /** Ends it, and starts it again with what the copy has. */
  bringBack(): Promise<void>;
}

const execute = promisify(execFile);

export async function startEtcd({ tls, member, args = [] }: EtcdOptions = {}): Promise<Etcd> {
  const peer = member?.peer ?? `http://127.0.0.1:${await freePort()}`;
  const name = member?.name ?? 'default';
  const plain = `http://127.0.0.1:${await freePort()}`;
  const scheme = tls ? 'https' : 'http';
  const server = await startServer({
    program: 'etcd',
    // By the plain URL etcdctl reaches it whatever the other one wants.
    args: ({ directory, address, port }) => [
      ...['--data-dir', `${directory}/data`, '--log-level', 'error'],
      ...['--listen-client-urls', `${scheme}://${address}:${port},${plain}`],
      ...['--advertise-client-urls', plain, '--listen-peer-urls', peer],
      ...['--initial-advertise-peer-urls', peer, '--initial-cluster', member?.initial ?? `default=${peer}`],
      ...['--name', name],
      ...(tls ? ['--cert-file', `${directory}/cert.pem`, '--key-file', `${directory}/key.pem`] : []),
      ...(tls?.authority ? ['--client-cert-auth', '--trusted-ca-file', `${directory}/ca.pem`] : []),
      ...args,
    ],
    files: () => ({
      'cert.pem': tls?.certificate.cert ?? '',
      'key.pem': tls?.certificate.key ?? '',
      'ca.pem': tls?.authority ?? '',
    }),
    // It listens before it knows that it is the leader.
    ready: async (place) => {
      if (!(await acceptsConnection(place))) return false;
      return health(plain).catch(() => false);
    },
  });
  const ctl = async (...words: readonly string[]): Promise<string> => {
    const { stdout } = await execute('etcdctl', ['--endpoints', plain, ...words], { timeout: 30_000 });
    return stdout;
  };
  const backup = `${server.directory}/backup`;
  return {
    ...server,
    get pid() {
      return server.pid;
    },
    endpoint: `${scheme}://127.0.0.1:${server.port}`,
    ctl,
    async renew() {
      await server.end();
      await rm(`${server.directory}/data`, { recursive: true, force: true });
      await server.again();
    },
    async copy() {
      await rm(backup, { force: true });
      await ctl('snapshot', 'save', backup);
    },
    async bringBack() {
      await server.end();
      await rm(`${server.directory}/data`, { recursive: true, force: true });
      const cluster = ['--initial-cluster', `${name}=${peer}`, '--initial-advertise-peer-urls', peer];
      await ctl('snapshot', 'restore', backup, '--data-dir', `${server.directory}/data`, '--name', name, ...cluster);
      await server.again();
    },
  };
}

async function health(url: string): Promise<boolean> {
  const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(2_000) });
  return ((await response.json()) as { health?: unknown }).health === 'true';
}

/** Members of one cluster, each of which can be ended and started again. */
export async function startEtcdCluster(members: number): Promise<readonly Etcd[]> {
  const peers = await Promise.all(Array.from({ length: members }, async () => `http://127.0.0.1:${await freePort()}`));
  const initial = peers.map((peer, index) => `m${index}=${peer}`).join(',');
  // None of them is ready before most are there.
  return Promise.all(peers.map((peer, index) => startEtcd({ member: { name: `m${index}`, peer, initial } })));
}
