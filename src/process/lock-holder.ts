/** Which process has a file locked by flock(2), as the kernel says. */

import { type BigIntStats, readFileSync, readlinkSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';

/** Descriptors of a process that are looked at: what is locked as it starts has a low one, and there may be thousands. */
const looks = 64;
const lockLine = /^lock:\t\d+: FLOCK +\S+ +WRITE +(\d+) /m;

/**
 * The process that holds the exclusive lock of this file, by its number here: the file may have been written where
 * processes have other numbers, in a container. `guess` is who is asked first. Null where the kernel does not tell.
 */
export async function holderOf(path: string, file: BigIntStats, guess: number | null): Promise<number | null> {
  return guess !== null && holds(guess, path, file) ? guess : await listedHolder(file);
}

/**
 * As proc_pid_fdinfo(5) tells of its descriptors, to who may see them. For proc_locks(5) the kernel waits until no
 * processor is amid a change of locks (percpu_down_write() in locks_start()): ten milliseconds where nobody has just
 * asked. What stands in /proc is read without a thread for it: nothing there waits for a disk.
 */
function holds(pid: number, path: string, { dev, ino }: BigIntStats): boolean {
  const name = `/${basename(path)}`;
  try {
    for (let descriptor = 0; descriptor < looks; descriptor += 1) {
      const at = `/proc/${pid}/fd/${descriptor}`;
      // Cheaper than to look at each, and an answer where what is behind one hangs.
      if (!linkOf(at).endsWith(name)) continue;
      const stats = statSync(at, { bigint: true });
      if (stats.dev !== dev || stats.ino !== ino) continue;
      const lock = lockLine.exec(readFileSync(`/proc/${pid}/fdinfo/${descriptor}`, 'latin1'));
      if (Number(lock?.[1]) === pid) return true;
    }
  } catch {
    // It is gone by now, or another's.
  }
  return false;
}

/** Empty where there is none, or nobody may see it. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** Not every file system is called there as by stat(2). */
async function listedHolder({ dev, ino }: BigIntStats): Promise<number | null> {
  const locks = await readFile('/proc/locks', 'latin1').catch(() => '');
  // As the kernel's new_decode_dev().
  const [major, minor] = [(dev >> 8n) & 0xfffn, (dev & 0xffn) | ((dev >> 12n) & 0xfff00n)];
  const device = [major, minor].map((number) => number.toString(16).padStart(2, '0')).join(':');
  const line = new RegExp(`^\\d+: FLOCK +\\S+ +WRITE +(\\d+) ${device}:${ino} `, 'm').exec(locks);
  const pid = Number(line?.[1]);
  return pid > 0 ? pid : null;
}
