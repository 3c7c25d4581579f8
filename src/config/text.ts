/** The text of a configuration file, and nothing of what it means. */

import { isAscii } from 'node:buffer';
import { readBounded, unreadableBecause } from '../system/bounded-file.js';

/** Bytes. Ten times what the largest installations have. */
const largestFile = 64 * 1024 * 1024;

/** Rejects where the file cannot be read, with an Error that has a `code`, names the path and says what to do. */
export async function readText(path: string): Promise<string> {
  try {
    return decode(await readBounded(path, largestFile));
  } catch (error) {
    const message = `cannot read the configuration file ${path}: ${unreadableBecause(error, largestFile)}`;
    throw Object.assign(new Error(message, { cause: error }), { code: (error as NodeJS.ErrnoException).code ?? 'EIO' });
  }
}

/** Latin-1 where it is no UTF-8, as old files with umlauts in their comments are. A byte order mark stays. */
function decode(bytes: Buffer): string {
  // As most are: of millions of characters none is looked at twice.
  if (isAscii(bytes)) return bytes.toString('latin1');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return bytes.toString('latin1');
  }
}
