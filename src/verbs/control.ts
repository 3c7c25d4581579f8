/** The verbs that speak to a daemon that runs. They need its pid file alone, whatever its configuration looks like. */

import { parseArgs } from 'node:util';
import type { DiagnosticCode } from '../config/diagnostics/codes.js';
import { findConfiguration } from '../config/find.js';
import { readText } from '../config/text.js';
import { isGoneWithin, signal } from '../process/ending.js';
import { type InstanceState, pidFilePath, readPidFile } from '../process/pid-file.js';
import { unitOf } from '../process/unit.js';
import type { ReloadOutcome } from '../reload/outcome.js';
import { printable } from '../terminal/printable.js';
import { type Command, done, failed, handOverSignal, stopped, unready, unusable } from './command.js';
import { namesakeOf, namesakeWords } from './namesake.js';
import { notInTable } from './not-in-table.js';
import type { Usable } from './start.js';

/** Milliseconds for a daemon to clean up: reading and changing the table has ten seconds each, checks end at once. */
const deadline = 60_000;

/** Milliseconds for a daemon to read a file and its names, and to take it over with the instances of `execute`. */
const reloadPatience = 300_000;

/** Codes of diagnostics about names that do not resolve now. */
const nameFaults: ReadonlySet<DiagnosticCode> = new Set(['unresolved-name', 'kept-address']);

interface Found {
  readonly file: string;
  readonly pidFile: string;
  readonly standing: InstanceState;
  /** The other file of this name that a daemon runs for; null where there is none. */
  readonly other: string | null;
}

/** Whoever runs for another file of the name does not run for this one, and is told of on behalf of `verb`. */
async function find(config: string | undefined, verb: string): Promise<Found> {
  const { file, name } = await findConfiguration(config);
  const pidFile = pidFilePath(name, process.env);
  const standing = await readPidFile(pidFile);
  const other = standing.state === 'running' ? await namesakeOf(standing.pid, file) : null;
  if (standing.state !== 'running' || other === null) return { file, pidFile, standing, other };
  process.stderr.write(namesakeWords(verb, file, standing.pid, other));
  return { file, pidFile, standing: { state: 'stopped' }, other };
}

/** Settles when the daemon has cleaned up and is gone. */
export async function stop({ config }: Command): Promise<number> {
  return end(await find(config, 'stop'), 'SIGTERM');
}

/** Only a file that can be taken stops what runs. The table stays in between. Warns of leaving a unit of systemd. */
export async function restart(command: Command): Promise<number> {
  const [found, { start, usable, instanceOf }] = await Promise.all([
    find(command.config, 'restart'),
    import('./start.js'),
  ]);
  if (found.other !== null) return failed;
  const fit = await usable(await instanceOf(command), command, (words) => process.stderr.write(words));
  if (fit === null) return unusable;
  await warnOfNames(fit);
  await warnOfUnit(found);
  const code = await end(found, handOverSignal);
  return code === done ? start(command) : code;
}

export async function tryRestart(command: Command): Promise<number> {
  const { standing } = await find(command.config, 'try-restart');
  return standing.state === 'running' ? restart(command) : done;
}

/**
 * Settles when the daemon has taken the new version over, or turned it down. One without a control socket is sent a
 * signal, and says in its log what came of it.
 */
export async function reload({ config }: Command): Promise<number> {
  const [{ file, standing, other }, { daemonClient, isUnreachable }] = await Promise.all([
    find(config, 'reload'),
    import('./daemon-client.js'),
  ]);
  if (other !== null) return failed;
  try {
    const client = await daemonClient({ config });
    return tellOutcome(file, (await client.once('reload', {}, reloadPatience)) as ReloadOutcome);
  } catch (error) {
    if (!isUnreachable(error)) throw error;
  }
  if (standing.state === 'running' && signal(standing.pid, 'SIGHUP')) return done;
  process.stderr.write(`ldirectord is stopped for ${file}\n`);
  return failed;
}

function tellOutcome(file: string, outcome: ReloadOutcome): number {
  if (!outcome.ok) {
    const what = `not taken over, the one before rules on: ${outcome.reason}`;
    process.stderr.write(`${outcome.diagnostics}ldirectord: ${file}: ${what}\n`);
    return unusable;
  }
  const { differences, diagnostics, missing } = outcome;
  process.stderr.write(diagnostics);
  process.stdout.write(`${(differences.length > 0 ? differences : ['nothing changed']).map(printable).join('\n')}\n`);
  for (const words of missing) process.stderr.write(notInTable(file, 'reload', words));
  return missing.length === 0 ? done : failed;
}

/** Tells also of the instances that this one's `execute` names; the exit status is its own. */
export async function status({ config, args }: Command): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { ready: { type: 'boolean', default: false } } });
  const found = await find(config, 'status');
  describe(found);
  if (values.ready && found.standing.state === 'running') return await readiness(found);
  for (const other of await others(found.file)) describe(await find(other, 'status'));
  return { running: done, stale: failed, stopped }[found.standing.state];
}

/** Who does not answer could not take over, either. */
async function readiness({ file }: Found): Promise<number> {
  const { daemonClient } = await import('./daemon-client.js');
  const client = await daemonClient({ config: file });
  const asked = client.once('ready').catch(({ message }: Error) => ({ ready: false, because: [message] }));
  const { ready, because } = (await asked) as Readiness;
  if (ready) process.stdout.write(`ldirectord for ${file} is ready\n`);
  else process.stderr.write(`ldirectord for ${file} is not ready: ${printable(because.join('; '))}\n`);
  return ready ? done : unready;
}

interface Readiness {
  readonly ready: boolean;
  readonly because: readonly string[];
}

function describe({ file, pidFile, standing }: Found): void {
  if (standing.state === 'running') {
    process.stderr.write(`ldirectord for ${file} is running with pid: ${standing.pid}\n`);
    return;
  }
  if (standing.state === 'stale') process.stderr.write(`ldirectord stale pid file ${pidFile} for ${file}\n`);
  process.stdout.write(`ldirectord is stopped for ${file}\n`);
}

/** What has no address keeps the one that it has where it runs, and stands there; the next one may not know it. */
async function warnOfNames({ file, loaded }: Usable): Promise<void> {
  const { describeDiagnostics } = await import('./inspect.js');
  const diagnostics = loaded.diagnostics.filter(({ code }) => nameFaults.has(code));
  process.stderr.write(describeDiagnostics(file, { ...loaded, diagnostics }, process.stderr));
}

async function warnOfUnit({ file, standing }: Found): Promise<void> {
  const unit = standing.state === 'running' ? await unitOf(standing.pid) : null;
  if (unit === null) return;
  const what = `the daemon leaves ${unit}, which no longer watches or stops it`;
  process.stderr.write(`ldirectord: ${file}: restart: ${what}; to go back: ldirectord stop, systemctl start ${unit}\n`);
}

/**
 * None where the file cannot be taken: then nobody knows. Monitoring asks every few seconds: to read all of a large file
 * would be most of the work.
 */
async function others(file: string): Promise<readonly string[]> {
  const text = await readText(file).catch(() => '');
  if (!/^\s*execute\s*=/im.test(text)) return [];
  const { load } = await import('../config/load.js');
  const lookup = async (): Promise<string> => {
    throw new Error('names do not matter here');
  };
  const loaded = await load(file, { strict: false, lookup }).catch(() => null);
  return loaded?.config?.global.execute ?? [];
}

async function end({ file, standing }: Found, by: NodeJS.Signals): Promise<number> {
  if (standing.state !== 'running' || !signal(standing.pid, by)) return done;
  if (await isGoneWithin(standing.pid, deadline)) return done;
  process.stderr.write(
    `ldirectord: ${file}: stop: process ${standing.pid} still runs after ${deadline / 1_000} s; its log may say why\n`,
  );
  return failed;
}
