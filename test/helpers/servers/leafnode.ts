/** Leafnode from its package, one process for each connection, as inetd starts it. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../free-port.js';
import { lacks } from '../programs.js';

/** The path of its configuration is built in, so that another one has to be mounted there. */
const configuration = '/etc/news/leafnode/config';
const mounted = (file: string, command: string) => [
  ...['--mount', 'sh', '-c', `mount --bind "$0" ${configuration} && exec ${command}`, file],
];

export const leafnodeMissing =
  lacks('leafnode') ||
  lacks('unshare') ||
  (spawnSync('unshare', mounted(configuration, 'true')).status === 0 ? false : 'leafnode needs leave to mount');

export interface Leafnode {
  readonly port: number;
  close(): Promise<void>;
}

/** It does not start without a full name of the host, which a test machine need not have. */
export async function startLeafnode(hostname = 'news.ldirectord.org'): Promise<Leafnode> {
  const directory = await mkdtemp(join(tmpdir(), 'ldirectord-server-'));
  const file = join(directory, 'config');
  await writeFile(file, `server = news.invalid\nexpire = 20\nhostname = ${hostname}\n`);
  const running = new Map<ChildProcess, Promise<void>>();
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    const child = spawn('unshare', mounted(file, 'leafnode'), { stdio: [socket, socket, 'ignore'] });
    running.set(child, new Promise((resolve) => child.once('exit', () => resolve())));
    child.once('exit', () => running.delete(child));
    socket.on('error', () => {});
    // It is the process's now.
    socket.destroy();
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    port,
    async close() {
      await new Promise((resolve) => server.close(resolve));
      const exits = [...running.values()];
      for (const child of running.keys()) child.kill('SIGKILL');
      await Promise.all(exits);
      await rm(directory, { recursive: true, force: true });
    },
  };
}
