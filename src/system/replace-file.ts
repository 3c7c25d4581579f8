/** Putting a text into the place of a file, whole or not at all. */

import { randomBytes } from 'node:crypto';
import { open, readdir, rename, rm, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** What a process that was killed while it wrote has left, as it is called. */
const leftover = /^\.ldirectord-[0-9a-f]{16}\.new$/;
/** Milliseconds after which nobody writes there any more. */
const longestWriting = 3_600_000;

/**
 * Others may write to the directory: what they put there is neither followed nor opened. A link that stands in the
 * place of the file is replaced, not what it leads to.
 */
export async function replaceFile(path: string, text: string | Buffer, mode: number): Promise<void> {
  // Hidden: in `maintenancedir` such files are nobody's.
  const fresh = join(dirname(path), `.ldirectord-${randomBytes(8).toString('hex')}.new`);
  // With O_EXCL nothing may stand there, a link least of all (open(2)).
  const file = await open(fresh, 'wx', mode);
  try {
    try {
      await file.writeFile(text);
      // Otherwise a machine that loses power can come back with the new name on an empty file.
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(fresh, path);
  } catch (error) {
    await unlink(fresh).catch(() => {});
    throw named(error as NodeJS.ErrnoException, path);
  }
}

/** What is written to an open file fails without a word of which file it is. */
function named(error: NodeJS.ErrnoException, path: string): Error {
  if (error.path !== undefined) return error;
  return Object.assign(new Error(`${error.message} '${path}'`, { cause: error }), { code: error.code });
}

/** Takes away what was left in a directory by processes that were killed while they wrote. Rejects where it cannot be read. */
export async function removeLeftovers(directory: string, now = Date.now()): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!leftover.test(name)) continue;
    const path = join(directory, name);
    const found = await stat(path).catch(() => null);
    if (found !== null && now - found.mtimeMs > longestWriting) await rm(path, { force: true });
  }
}
