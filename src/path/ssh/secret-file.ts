/** Files that nobody but their owner may read: private keys, and passwords. */

import { stat } from 'node:fs/promises';
import { getuid } from 'node:process';
import { readBounded, unreadableBecause } from '../../system/bounded-file.js';
import type { ShellFault } from '../shell.js';
import { loginImpossible } from './login-faults.js';

export type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: ShellFault };

/** Bytes; a key of RSA with 16,384 bits has some 13,000. */
const largest = 64 * 1024;

/** As ssh(1) has it of keys, and of none that is somebody else's: who owns it cares for it. */
export async function readSecretFile(file: string, what: string): Promise<Read<Buffer>> {
  try {
    const { mode, uid } = await stat(file);
    const others = uid === getuid?.() ? 0o077 : 0o007;
    if ((mode & others) !== 0) {
      const octal = (mode & 0o777).toString(8).padStart(4, '0');
      return loginImpossible(`${what}: ${file} is not used, since others may read it (${octal})`, `chmod 600 ${file}`);
    }
    return { ok: true, value: await readBounded(file, largest) };
  } catch (error) {
    const why = unreadableBecause(error, largest);
    return loginImpossible(`${what}: cannot read ${file}: ${why}`, 'correct [ssh] of ldirectord.ini, or the file');
  }
}

/** The first line, which is not empty. */
export async function readSecretLine(file: string, what: string): Promise<Read<string>> {
  const read = await readSecretFile(file, what);
  if (!read.ok) return read;
  const [line = ''] = read.value.toString('utf8').split(/\r?\n/);
  return line === ''
    ? loginImpossible(`${what}: the first line of ${file} is empty`, 'write it there, with nothing before it')
    : { ok: true, value: line };
}
