/** Files that nobody but their owner may read: private keys, and passwords. */

import { stat } from 'node:fs/promises';
import { readBounded, unreadableBecause } from './bounded-file.js';

export type SecretFile =
  | { readonly ok: true; readonly value: Buffer }
  /** One line, without the file's name; `remedy` is null where the reason says what to do. */
  | { readonly ok: false; readonly reason: string; readonly remedy: string | null };

/** Bytes; a key of RSA with 16,384 bits has some 13,000. */
const largest = 64 * 1024;

/** As ssh(1) has it of keys, and of none that is somebody else's: who owns it cares for it. */
export async function readSecretFile(file: string): Promise<SecretFile> {
  try {
    const { mode, uid } = await stat(file);
    const others = uid === process.getuid?.() ? 0o077 : 0o007;
    if ((mode & others) !== 0) {
      const octal = (mode & 0o777).toString(8).padStart(4, '0');
      return {
        ok: false,
        reason: `${file} is not used, since others may read it (${octal})`,
        remedy: `chmod 600 ${file}`,
      };
    }
    return { ok: true, value: await readBounded(file, largest) };
  } catch (error) {
    return { ok: false, reason: `cannot read ${file}: ${unreadableBecause(error, largest)}`, remedy: null };
  }
}

/** What stands in its first line. */
export function firstLine(secret: Buffer): string {
  const [line = ''] = secret.toString('utf8').split(/\r?\n/);
  return line;
}
