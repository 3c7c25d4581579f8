/** A server, keys and settings that go together, for tests of the shell over SSH. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultSettings } from '../../../src/config/settings/rows.js';
import type { SshSettings } from '../../../src/config/settings/ssh-rows.js';
import type { RunOptions, ShellFault, ShellResult } from '../../../src/path/shell.js';
import type { Surroundings } from '../../../src/path/ssh/access.js';
import { type Machines, openMachines } from '../../../src/path/ssh/machines.js';
import { within } from '../../helpers/deadline.js';
import type { LoginSshd } from '../../helpers/servers/login-sshd.js';

/** Milliseconds; more than any script here takes on a busy machine. */
export const ample = 60_000;

export const usual: SshSettings = { ...defaultSettings.ssh, timeout: 60, agent: false };
export const nowhere: Surroundings = { home: '/nonexistent', agent: null };

/** A file of known hosts about these servers. */
export async function knownHosts(directory: string, name: string, lines: readonly string[]): Promise<string> {
  const file = join(directory, name);
  await writeFile(file, `${lines.join('\n')}\n`);
  return file;
}

export function linesOf({ port, hostKeys }: LoginSshd, address = '127.0.0.1'): string[] {
  return hostKeys.map((key) => `[${address}]:${port} ${key}`);
}

export async function opened(settings: SshSettings, surroundings: Surroundings = nowhere): Promise<Machines> {
  const read = await openMachines(settings, surroundings);
  if (!read.ok) throw new Error(read.fault.message);
  return read.value;
}

/** One script on one machine, with everything opened for it and closed behind it. */
export async function once(
  settings: SshSettings,
  script: string,
  {
    address = '127.0.0.1',
    surroundings = nowhere,
    ...options
  }: Partial<RunOptions> & { address?: string; surroundings?: Surroundings } = {},
): Promise<ShellResult> {
  const read = await openMachines(settings, surroundings);
  if (!read.ok) return read;
  const machines = read.value;
  const shell = machines.shell({ address, names: [] });
  try {
    return await within(
      `the end of ${script}`,
      shell.run(script, { deadline: ample, asRoot: false, ...options }),
      3 * ample,
    );
  } finally {
    await shell.close();
    await machines.close();
  }
}

export function faultOf(result: ShellResult): ShellFault {
  if (result.ok) throw new Error(`it ran: ${JSON.stringify(result)}`);
  return result.fault;
}
