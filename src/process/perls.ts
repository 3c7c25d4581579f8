/** Telling a process of Perl's ldirectord, which takes no lock that would say that it runs. */

import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';

const interpreter = /^perl[\d.]*$/;
const script = /^ldirectord(\.pl)?$/;

/** Whether such a process runs, and Perl carries a script of this name out in it. */
export async function isPerls(pid: number): Promise<boolean> {
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '');
  // One that has given itself another name has no zeros between the words.
  const [program = '', ...words] = commandLine.split(/[\0 ]/);
  const first = words.find((word) => !word.startsWith('-')) ?? '';
  return interpreter.test(basename(program)) && script.test(basename(first));
}
