/**
 * One process for each instance. A lock on the pid file, which the kernel drops with the process, says whether it runs
 * and decides between two that start at once. A number alone says nothing: the process that has it now can be another.
 */

import { type FileHandle, open, readFile, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { holderOf } from './lock-holder.js';
import { isPerls } from './perls.js';

const lockShared = 1;
const lockExclusive = 2;
const lockWithoutWaiting = 4;
const unlock = 8;

/** Where the files of what runs stand. */
const defaultDirectory = '/var/run';
const longestPid = 32;
/** A pid file that is exchanged each time that it is locked is somebody's attack, or a fault. */
const attempts = 100;
/** Milliseconds, at most, until a file that somebody looked at just then is tried again. */
const longestPause = 10;
/** Milliseconds for who has the lock to write its number. */
const writingPatience = 1_000;

export type InstanceState =
  | { readonly state: 'running'; readonly pid: number }
  /** The file stands, and no such process runs. */
  | { readonly state: 'stale' }
  | { readonly state: 'stopped' };

/** Of an instance: its pid file, its control socket, what it keeps from one run to the next one alone, and the lock of `setup`. */
export type RuntimeFile = 'pid' | 'sock' | 'up' | 'ruling' | 'setup.lock';

/** LDIRECTORD_RUN_DIR names another directory, for those who may not write to the system's. */
export function runtimePath(instance: string, file: RuntimeFile, environment: NodeJS.ProcessEnv): string {
  return join(runtimeDirectory(environment), instanceFile(instance, file));
}

export function runtimeDirectory(environment: NodeJS.ProcessEnv): string {
  return environment['LDIRECTORD_RUN_DIR'] || defaultDirectory;
}

/** Instances share their directories. */
export function instanceFile(instance: string, file: string): string {
  return `ldirectord.${instance}.${file}`;
}

export function pidFilePath(instance: string, environment: NodeJS.ProcessEnv): string {
  return runtimePath(instance, 'pid', environment);
}

/** Rejects where the file stands and cannot be read. */
export async function readPidFile(path: string): Promise<InstanceState> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { state: 'stopped' };
    throw error;
  }
  try {
    const pid = await numberIn(path);
    // Most often the kernel says who holds it. Where it does not, a lock is tried, for which a library is loaded.
    const holder = await holderOf(path, await handle.stat({ bigint: true }), pid);
    if (holder !== null) return { state: 'running', pid: holder };
    if (await isLocked(handle.fd, path)) return await lockedBy(handle, path);
    // Perl's ldirectord takes no lock.
    return pid !== null && pid !== process.pid && (await isPerls(pid)) ? { state: 'running', pid } : { state: 'stale' };
  } finally {
    await handle.close();
  }
}

type Libc = Pick<typeof import('../system/libc.js'), 'errorCode' | 'flock' | 'systemError'>;

const loadLibc = (): Promise<Libc> => import('../system/libc.js');

/** Whether another process has the lock. To look takes a shared one for a moment: who claims the file puts up with it. */
async function isLocked(fd: number, path: string): Promise<boolean> {
  const libc = await loadLibc();
  if (!lock(libc, fd, lockShared, path)) return true;
  libc.flock(fd, unlock);
  return false;
}

/** False where somebody else's lock is in the way. */
function lock({ errorCode, flock, systemError }: Libc, fd: number, kind: number, path: string): boolean {
  if (flock(fd, kind | lockWithoutWaiting) >= 0) return true;
  if (errorCode() === 'EAGAIN') return false;
  throw systemError('flock', path);
}

/** Who holds the lock: as the kernel says, else as the file does. One that has just claimed it is about to write. */
async function lockedBy(handle: FileHandle, path: string): Promise<InstanceState> {
  const limit = performance.now() + writingPatience;
  for (;;) {
    const named = await numberIn(path);
    const pid = (await holderOf(path, await handle.stat({ bigint: true }), named)) ?? named;
    if (pid !== null) return { state: 'running', pid };
    // By now it may have ended.
    if (!(await isLocked(handle.fd, path))) return { state: 'stale' };
    if (performance.now() > limit) throw new Error(`pid file '${path}' is locked, and holds no process number`);
    await sleep(longestPause);
  }
}

/** Of a process; null where there is none, or nobody may read it. */
async function numberIn(path: string): Promise<number | null> {
  return asPid(await readFile(path, 'latin1').catch(() => ''));
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
    const { fd } = this.#handle;
    if (!lock(await loadLibc(), fd, lockExclusive, this.#path)) {
      if (await isLocked(fd, this.#path)) return 'taken';
      // Somebody looks at it.
      await sleep(Math.random() * longestPause);
      return 'again';
    }
    // Who held it before has taken the file away since it was opened here: this lock is on nothing.
    if (!(await this.#stands())) return 'again';
    const pid = asPid(await readFile(this.#path, 'latin1'));
    if (pid !== null && (await isPerls(pid))) return 'taken';
    await this.#handle.truncate(0);
    await this.#handle.write(`${process.pid}\n`);
    return 'mine';
  }

  async #stands(): Promise<boolean> {
    const [held, standing] = await Promise.all([this.#handle.stat(), stat(this.#path).catch(() => null)]);
    return standing !== null && standing.ino === held.ino && standing.dev === held.dev;
  }
}
