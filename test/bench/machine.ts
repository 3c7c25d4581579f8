/** The machine as the benchmark wants it: a network of its own, and processors for each side. */

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { lacks } from '../helpers/programs.js';
import { parseCores } from './processes.js';

const execute = promisify(execFile);

/** Says that this process is in the network already. */
const insideVariable = 'LDIRECTORD_BENCH_INSIDE';

/** Why nothing can be measured here, or null. */
export function missing(): string | null {
  if (process.platform !== 'linux') return 'it reads /proc: Linux only';
  for (const program of ['nginx', 'taskset', 'setpriv', 'unshare', 'ip', 'gcc']) {
    const why = lacks(program);
    if (why !== false) return why;
  }
  return process.getuid?.() === 0 ? null : 'it makes a network namespace and listens to its packets: only root may';
}

/** Whether this process is in the network already. */
export function isInside(): boolean {
  return process.env[insideVariable] === '1';
}

/**
 * Runs this program once more, in a network namespace with a loopback of its own: ports, counters and packets of others
 * are not there, and the settings that peers make (keepalived opens ping sockets to all) go with it. Returns the exit
 * status, or null in the inner one.
 */
export async function enterNetwork(argv: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<number | null> {
  if (isInside()) {
    await execute('ip', ['link', 'set', 'lo', 'up']);
    return null;
  }
  const args = ['--pdeathsig', 'TERM', 'unshare', '--net', process.execPath, ...process.execArgv, ...argv];
  const child = spawn('setpriv', args, { stdio: 'inherit', env: { ...process.env, ...more, [insideVariable]: '1' } });
  // A Ctrl-C reaches the inner one by itself; it cleans up, and its end is ours.
  const forward = (): void => void child.kill('SIGTERM');
  process.on('SIGINT', () => {}).on('SIGTERM', forward);
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}

export interface Cores {
  /** For the servers that are asked, and for who measures. */
  readonly load: number;
  readonly checkers: readonly number[];
}

/** The processors that this process may use. */
export function allowedCores(): number[] {
  const list = /^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return parseCores(list ?? '0');
}

/** The load has the last processor; those who check have the others, on a small machine all. */
export function shareCores(all: readonly number[], asked: readonly number[] | null): Cores {
  const load = all.at(-1) ?? 0;
  return { load, checkers: asked ?? (all.length < 4 ? all : all.slice(0, -1)) };
}

/** Puts this process beside the load. */
export async function moveTo(core: number): Promise<void> {
  await execute('taskset', ['-a', '-c', '-p', String(core), String(process.pid)]);
}
