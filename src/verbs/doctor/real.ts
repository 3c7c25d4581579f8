/** `doctor --real`: real servers as the settings say that they are logged in to. */

import { loadSettings } from '../../config/settings/settings.js';
import type { Config } from '../../model/config.js';
import type { Examination } from '../../path/doctor/examination.js';
import type { Shell } from '../../path/shell.js';
import { openMachines } from '../../path/ssh/machines.js';
import { usage } from '../command.js';
import { goRound } from './real-servers.js';

/** Milliseconds for the script on a server, beside those for logging in: most need one second. */
const patience = 60_000;

/** Without names all of them. */
export async function examineRealServers(
  config: Config,
  called: readonly string[],
  { file, shell: here }: { readonly file: string; readonly shell: Shell },
): Promise<readonly Examination[]> {
  const { settings } = await loadSettings(file);
  const machines = await openMachines(settings.ssh);
  try {
    const deadline = settings.ssh.timeout * 1_000 + patience;
    // Whoever interrupts this ends the process, and with it every connection.
    const { signal } = new AbortController();
    const outcome = await goRound({ config, called, here, machines, deadline, signal, onProgress: showProgress });
    if (!outcome.ok) throw usage(`doctor: the file has no real server ${outcome.unknown.join(', ')}`);
    return outcome.examinations;
  } finally {
    if (process.stderr.isTTY === true) process.stderr.write('\r\x1b[K');
    if (machines.ok) await machines.value.close();
  }
}

function showProgress(done: number, all: number): void {
  if (process.stderr.isTTY === true) process.stderr.write(`\r\x1b[Kexamined ${done} of ${all} real servers`);
}
