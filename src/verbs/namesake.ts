/** Two files of one last name are one instance: who runs for one of them does not run for the other. */

import { readFile, realpath } from 'node:fs/promises';
import { basename, resolve } from 'node:path';

/** The file that the process runs for where it is another one; null where it is this one, or nobody can say. */
export async function namesakeOf(pid: number, file: string): Promise<string | null> {
  const title = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replace(/\0+$/, '');
  const other = /^ldirectord (\/.*)$/s.exec(title)?.[1];
  return other === undefined || (await placeOf(other)) === (await placeOf(file)) ? null : other;
}

export function namesakeWords(verb: string, file: string, pid: number, other: string): string {
  const what = `${other} runs by the name of ${basename(file)}, with pid ${pid}; rename one of the two files`;
  return `ldirectord: ${file}: ${verb}: ${what}\n`;
}

/** A file that is gone is where it was called. */
function placeOf(file: string): Promise<string> {
  return realpath(file).catch(() => resolve(file));
}
