/** Reading a file whole: what it may be, how long it may be, and how long that may take. */

import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** Milliseconds, since a file system of another machine may hold a read up. */
const readDeadline = 10_000;

/** Rejects with an Error whose `code` is an errno name: EISDIR or EINVAL for what is no ordinary file, EFBIG, ETIMEDOUT. */
export async function readBounded(path: string, bound: number): Promise<Buffer> {
  let handle: FileHandle | null = null;
  try {
    // Without the flag, opening a named pipe waits for its writer.
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = await handle.stat();
    if (!stats.isFile()) throw errorWithCode(stats.isDirectory() ? 'EISDIR' : 'EINVAL');
    if (stats.size > bound) throw errorWithCode('EFBIG');
    return await handle.readFile({ signal: AbortSignal.timeout(readDeadline) });
  } catch (error) {
    throw error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError')
      ? errorWithCode('ETIMEDOUT')
      : error;
  } finally {
    await handle?.close();
  }
}

function errorWithCode(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** What to do about a file that cannot be read, with the code. */
export function unreadableBecause(error: unknown, bound: number): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'EIO';
  const advice: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file; check the path, or write it',
    EACCES: 'permission denied; run as root, or make it readable for this user',
    EISDIR: 'it is a directory; name the file in it',
    EINVAL: 'it is no ordinary file; name one',
    EFBIG: `it is larger than ${bound / 1024 / 1024} MiB; is it the right file?`,
    ETIMEDOUT: `it was not read within ${readDeadline / 1000} s; is its file system there?`,
  };
  return `${advice[code] ?? (error instanceof Error ? error.message : 'it cannot be read')} (${code})`;
}
