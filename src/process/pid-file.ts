/**
 * One process for each instance. The pid file says which one; a lock on it, which the kernel drops with the
 * process, decides between two that start at once.
 */

import { type FileHandle, open, readFile, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, flock, systemError } from '../libc.js';

const lockExclusive = 2;
const lockWithoutWaiting = 4;

/** Where the files of what runs stand. */
const defaultDirectory = '/var/run';
/** What the command line of every implementation has in it. */
const programName = 'ldirectord';
const longestPid = 32;
/** A pid file that is exchanged each time that it is locked is somebody's attack, or a fault. */
const attempts = 100;

export type Standing =
  | { readonly state: 'running'; readonly pid: number }
  /** The file stands, and no such process runs. */
  | { readonly state: 'stale' }
  | { readonly state: 'stopped' };

/** Of an instance: its pid file, its control socket, and what it keeps from one run to the next. */
export type RuntimeFile = 'pid' | 'sock' | 'orders' | 'up' | 'ruling';

/** LDIRECTORD_RUN_DIR names another directory, for those who may not write to the system's. */
export function runtimePath(instance: string, file: RuntimeFile, environment: NodeJS.ProcessEnv): string {
  return join(environment['LDIRECTORD_RUN_DIR'] || defaultDirectory, `ldirectord.${instance}.${file}`);
}

export function pidFilePath(instance: string, environment: NodeJS.ProcessEnv): string {
  return runtimePath(instance, 'pid', environment);
}

/** Rejects where the file stands and cannot be read. */
export async function readPidFile(path: string): Promise<Standing> {
  let text: string;
  try {
    text = await readFile(path, 'latin1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { state: 'stopped' };
    throw error;
  }
  const pid = asPid(text);
  return pid !== null && (await isRunning(pid)) ? { state: 'running', pid } : { state: 'stale' };
}

/** Whether such a process runs and is an ldirectord. The command line of one that is gone but not buried is empty. */
export async function isRunning(pid: number): Promise<boolean> {
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '');
  return commandLine.includes(programName);
}

function asPid(text: string): number | null {
  const digits = text.slice(0, longestPid).trim();
  return /^[1-9][0-9]*$/.test(digits) ? Number(digits) : null;
}

/** Held from the start of a process to its end. */
export class PidFile {
  readonly #path: string;
  readonly #handle: FileHandle;
  #released: Promise<void> | null = null;

  private constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  /**
   * Writes this process into the file; null where another one runs or is about to, of whatever implementation.
   * Rejects where the file cannot be written.
   */
  static async claim(path: string): Promise<PidFile | null> {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const handle = await open(path, 'a+', 0o644);
      const self = new PidFile(path, handle);
      try {
        const outcome = await self.#claim();
        if (outcome === 'mine') return self;
        await handle.close();
        if (outcome === 'taken') return null;
      } catch (error) {
        await handle.close();
        throw error;
      }
    }
    throw new Error(`pid file '${path}' is exchanged all the time`);
  }

  /** Takes the file away, unless somebody else's stands there by now. Never rejects; can be called again. */
  release(): Promise<void> {
    this.#released ??= this.#release();
    return this.#released;
  }

  async #release(): Promise<void> {
    if (await this.#stands()) await unlink(this.#path).catch(() => {});
    await this.#handle.close().catch(() => {});
  }

  async #claim(): Promise<'mine' | 'taken' | 'again'> {
    if (flock(this.#handle.fd, lockExclusive | lockWithoutWaiting) < 0) {
      if (errorCode() === 'EAGAIN') return 'taken';
      throw systemError('flock', this.#path);
    }
    // Who held it before has taken the file away since it was opened here: this lock is on nothing.
    if (!(await this.#stands())) return 'again';
    // Perl's ldirectord takes no lock.
    const standing = await readPidFile(this.#path);
    if (standing.state === 'running' && standing.pid !== process.pid) return 'taken';
    await this.#handle.truncate(0);
    await this.#handle.write(`${process.pid}\n`);
    return 'mine';
  }

  async #stands(): Promise<boolean> {
    const [held, standing] = await Promise.all([this.#handle.stat(), stat(this.#path).catch(() => null)]);
    return standing !== null && standing.ino === held.ino && standing.dev === held.dev;
  }
}
