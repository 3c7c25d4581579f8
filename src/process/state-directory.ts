/**
 * Where an instance keeps what is to survive a reboot of the machine: beside its pid file there is nothing left then.
 * Who is given no directory by a unit of systemd finds the same one as the units, so that a daemon that somebody starts
 * by hand goes on with what the unit's has kept.
 */

import { rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readBounded } from '../system/bounded-file.js';
import { replaceFile } from '../system/replace-file.js';
import { instanceFile, runtimeDirectory } from './pid-file.js';

/** What people asked for, what names stood for, and what health policies know. */
const stateFiles = ['orders', 'names', 'policies'] as const;
export type StateFile = (typeof stateFiles)[number];

const systemDirectory = '/var/lib/ldirectord';
/** Bytes of one file. */
const largestFile = 64 * 1024 * 1024;

/**
 * That of the unit; otherwise the system's where it is there and this user's, unless LDIRECTORD_RUN_DIR says that the
 * system's are not ours; otherwise where the pid files are.
 */
export async function stateDirectory(environment: NodeJS.ProcessEnv, system = systemDirectory): Promise<string> {
  // As systemd.exec(5) has it. A shell within another unit, as of a cluster manager's, has that one's.
  const own = environment['STATE_DIRECTORY']?.split(':').find((path) => basename(path) === 'ldirectord');
  if (own !== undefined) return own;
  if (environment['LDIRECTORD_RUN_DIR']) return environment['LDIRECTORD_RUN_DIR'];
  const isOurs = await stat(system).then(
    (found) => found.isDirectory() && found.uid === process.geteuid?.(),
    () => false,
  );
  return isOurs ? system : runtimeDirectory(environment);
}

/** The same for who has to find it after a reboot, and makes the system's where it is not there yet. */
export async function lastingDirectory(environment: NodeJS.ProcessEnv): Promise<string> {
  const found = await stateDirectory(environment);
  const isRuntimes = found === runtimeDirectory(environment) && !environment['LDIRECTORD_RUN_DIR'];
  return isRuntimes ? systemDirectory : found;
}

export async function statePath(instance: string, file: StateFile, environment: NodeJS.ProcessEnv): Promise<string> {
  return instancePath(await stateDirectory(environment), instance, file);
}

export function instancePath(directory: string, instance: string, file: string): string {
  return join(directory, instanceFile(instance, file));
}

/**
 * Brings over what an earlier daemon, which had no such directory, kept beside its pid file. To be called where no
 * daemon of the instance runs; gives what could not be brought over, a sentence each.
 */
export async function bringState(instance: string, environment: NodeJS.ProcessEnv): Promise<readonly string[]> {
  const [before, now] = [runtimeDirectory(environment), await stateDirectory(environment)];
  if (before === now) return [];
  const faults = stateFiles.map(async (file) => {
    const [from = '', to = ''] = [before, now].map((directory) => instancePath(directory, instance, file));
    try {
      await bring(from, to);
      return [];
    } catch (error) {
      return [`what stands in ${from} does not count, and cannot be moved to ${to}: ${(error as Error).message}`];
    }
  });
  return (await Promise.all(faults)).flat();
}

/** What is there already is newer. Not by rename(2), which does not lead to another file system. */
async function bring(from: string, to: string): Promise<void> {
  if (!(await exists(from)) || (await exists(to))) return;
  await replaceFile(to, (await readBounded(from, largestFile)).toString('utf8'), 0o600);
  await rm(from, { force: true });
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
