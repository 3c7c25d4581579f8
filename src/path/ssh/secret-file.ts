/** The files with secrets that [ssh] names. */

import { firstLine, readSecretFile as readSecret } from '../../system/secret-file.js';
import type { ShellFault } from '../shell.js';
import { loginImpossible } from './login-faults.js';

export type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: ShellFault };

export async function readSecretFile(file: string, what: string): Promise<Read<Buffer>> {
  const read = await readSecret(file);
  if (read.ok) return read;
  return loginImpossible(`${what}: ${read.reason}`, read.remedy ?? 'correct [ssh] of ldirectord.ini, or the file');
}

/** The first line, which is not empty. */
export async function readSecretLine(file: string, what: string): Promise<Read<string>> {
  const read = await readSecretFile(file, what);
  if (!read.ok) return read;
  const line = firstLine(read.value);
  return line === ''
    ? loginImpossible(`${what}: the first line of ${file} is empty`, 'write it there, with nothing before it')
    : { ok: true, value: line };
}
