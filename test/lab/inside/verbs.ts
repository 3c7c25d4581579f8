/** The two programs that keep a table, as an administrator commands them: by their verbs. */

import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cli } from '../../helpers/process.js';
import { eventually } from './eventually.js';

const folder = '/etc/ha.d';
/** Milliseconds; generous, since a guest has one slow processor. */
const patience = 60_000;

/** A program by its command. */
export type Verbs = readonly [program: string, ...args: string[]];

export const reference: Verbs = ['/usr/sbin/ldirectord'];
export const ours: Verbs = [process.execPath, cli];

/** The exit status of the verb for the configuration of this name. */
export function statusOf([program, ...args]: Verbs, name: string, verb: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, [...args, name, verb], { timeout: patience }, (error) => {
      const { code = 0 } = (error ?? {}) as { code?: number | string };
      if (typeof code === 'number') resolve(code);
      else reject(error);
    });
    child.stdin?.end();
  });
}

export function fileOf(name: string): string {
  return `${folder}/${name}`;
}

export function pidFileOf(name: string): string {
  return `/var/run/ldirectord.${name}.pid`;
}

export async function configure(name: string, text: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(fileOf(name), text);
}

/** Null where no instance of this name runs. */
export async function pidOf(name: string): Promise<number | null> {
  const pid = Number(await readFile(pidFileOf(name), 'utf8').catch(() => ''));
  const line = await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '');
  return line.includes('ldirectord') ? pid : null;
}

/** Ends our instance of this name, without the start of a program that the verb costs. */
export async function end(name: string): Promise<void> {
  const pid = await pidOf(name);
  if (pid === null) return;
  process.kill(pid, 'SIGTERM');
  await eventually('it is gone', async () => (await pidOf(name)) === null);
}

export interface Asked {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Ours for a file, with a verb and what follows it; its pid file and the like stand in `folder`. */
export function ask(folder: string, file: string, ...words: readonly string[]): Promise<Asked> {
  const [program, ...args] = ours;
  const env = { ...process.env, LDIRECTORD_RUN_DIR: folder };
  return new Promise((resolve, reject) => {
    const options = { timeout: 3 * patience, env };
    const child = execFile(program, [...args, file, ...words], options, (error, stdout, stderr) => {
      const { code = 0 } = (error ?? {}) as { code?: number | string };
      if (typeof code === 'number') resolve({ code, stdout, stderr });
      else reject(error);
    });
    child.stdin?.end();
  });
}
