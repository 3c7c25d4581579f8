/**
 * Files in `maintenancedir` that ask for a drain: their first word is `drain`. Perl's ldirectord looks at names alone,
 * and takes such a server out as it does with any other file.
 */

import { constants } from 'node:fs';
import { lstat, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../system/replace-file.js';

const mark = 'drain\n';
/** Files that are looked into, so that a directory of many costs no more than it is worth. */
const mostLooked = 1024;

/** Of the names those whose file begins with the mark. Never rejects: a file that cannot be read asks for none. */
export async function drainsAmong(folder: string, names: ReadonlySet<string>): Promise<ReadonlySet<string>> {
  const looked = [...names].filter((name) => !name.startsWith('.')).slice(0, mostLooked);
  const found = await Promise.all(looked.map((name) => isDrain(join(folder, name))));
  return new Set(looked.filter((_, index) => found[index]));
}

/** Whole or not at all: a file without its mark would take the server out. False where a file stands there already. */
export async function writeDrainFile(folder: string, name: string): Promise<boolean> {
  const path = join(folder, name);
  const standing = await lstat(path).catch(() => null);
  if (standing !== null) return false;
  await replaceFile(path, mark, 0o644);
  return true;
}

export async function removeDrainFile(folder: string, name: string): Promise<void> {
  await unlink(join(folder, name)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}

async function isDrain(path: string): Promise<boolean> {
  try {
    // A link of somebody's may lead to a device, and opening a named pipe waits for its writer.
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(mark.length), 0, mark.length, 0);
      return /^drain\s/.test(`${buffer.toString('latin1', 0, bytesRead)}\n`);
    } finally {
      await file.close();
    }
  } catch {
    return false;
  }
}
