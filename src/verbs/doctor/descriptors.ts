/** How many descriptors the daemon may have open, which has its limit from who starts it. */

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { Descriptors } from '../../path/doctor/director-facts.js';
import { pidFilePath, readPidFile } from '../../process/pid-file.js';
import { descriptorLimit } from '../../system/libc.js';

/** Milliseconds for the service manager to answer. */
const patience = 5_000;

/** Of the daemon that runs for the instance, or else as the unit or this shell would have it; null where it cannot be read. */
export async function descriptorsOf(name: string, checks: number): Promise<Descriptors | null> {
  const state = await readPidFile(pidFilePath(name, process.env)).catch(() => null);
  if (state?.state === 'running') {
    const limits = await readFile(`/proc/${state.pid}/limits`, 'latin1').catch(() => '');
    const limit = limitIn(limits);
    return limit === null ? null : { limit, of: `process ${state.pid}`, checks };
  }
  const unit = name === 'ldirectord' ? 'ldirectord.service' : `ldirectord@${name}.service`;
  const limit = await unitLimit(unit);
  return limit === null
    ? { limit: descriptorLimit(), of: 'a process of this shell', checks }
    : { limit, of: unit, checks };
}

/** Node raises the first number to the second when it starts. */
export function limitIn(limits: string): number | null {
  const word = /^Max open files +\S+ +(\S+)/m.exec(limits)?.[1];
  return word === undefined ? null : numberIn(word);
}

function unitLimit(unit: string): Promise<number | null> {
  return new Promise((resolve) => {
    const args = ['show', '--property=LimitNOFILE', '--value', unit];
    execFile('systemctl', args, { timeout: patience, killSignal: 'SIGKILL' }, (error, stdout) => {
      resolve(error === null ? numberIn(stdout.trim()) : null);
    });
  });
}

function numberIn(word: string): number | null {
  if (/^\d+$/.test(word)) return Number(word);
  return word === 'unlimited' || word === 'infinity' ? Number.POSITIVE_INFINITY : null;
}
