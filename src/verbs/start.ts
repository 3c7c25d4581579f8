/** Starting: in the foreground, or as a daemon that the verb waits for. */

import { resolve } from 'node:path';
import { findConfiguration } from '../config/find.js';
import type { Loaded } from '../config/load.js';
import { outputCodes } from '../config/named-outputs.js';
import { capabilitiesOf } from '../ipvs/capabilities.js';
import { Background, startInBackground } from '../process/background.js';
import { pidFilePath, readPidFile, runtimePath } from '../process/pid-file.js';
import { bringState, statePath } from '../process/state-directory.js';
import { KnownNames } from '../reload/known-names.js';
import { LastRuling } from '../reload/last-ruling.js';
import { type ReadOptions, readConfiguration, understand } from '../reload/read.js';
import { backendOf } from './backend.js';
import { backendOption, type Command, done, failed, unusable } from './command.js';
import { type DirectorOptions, direct } from './director.js';
import { describeDiagnostics } from './inspect.js';
import { namesakeOf, namesakeWords } from './namesake.js';
import { notInTable } from './not-in-table.js';

/** Milliseconds until the daemon must be ready. It waits for its table for less, and says what is missing of it. */
const deadline = 60_000;

/** Settles when the first table stands, or, in the foreground, when the daemon has ended. */
export async function start(command: Command): Promise<number> {
  const background = Background.enter();
  if (background !== null) return startAsDaemon(command, background);
  const { file, name } = await findConfiguration(command.config);
  const running = await pidOf(name);
  if (running !== null) return alreadyRunning(command, file, running);
  let words = '';
  const found = await startable(command, (more) => {
    words += more;
  });
  if (found === null) {
    process.stderr.write(words);
    return unusable;
  }
  const { loaded } = found;
  const { supervised } = loaded.config.global;
  if (!command.debug && !command.foreground && !supervised) {
    // Who starts it would look in vain for a log.
    const diagnostics = loaded.diagnostics.filter(({ code }) => outputCodes.has(code));
    process.stderr.write(describeDiagnostics(file, { ...loaded, diagnostics }, process.stderr));
    return startDaemon(command, file);
  }
  // The daemon in the background says them itself.
  process.stderr.write(words);
  const foreground = true;
  // As with Perl's ldirectord, where the supervisor knows the process and there may be no place for a file.
  const registered = command.foreground;
  const code = await direct({ ...found, command, foreground, registered, onReady: () => {} });
  return code ?? alreadyRunning(command, file, await pidOf(name));
}

/** What there is to start with. */
export type Usable = Pick<DirectorOptions, 'file' | 'name' | 'backend' | 'loaded' | 'knownNames'>;

type Instance = Omit<Usable, 'loaded'>;

/** The file of a command, where its table is to be, and what is known of its names. */
export async function instanceOf(command: Command): Promise<Instance> {
  const { file, name } = await findConfiguration(command.config);
  const [backend, knownNames] = await Promise.all([
    backendOf(command, file),
    statePath(name, 'names', process.env).then((path) => KnownNames.open(path)),
  ]);
  return { file, name, backend, knownNames };
}

/** Null where the file cannot be taken; then it was said why not. */
export async function usable(
  instance: Instance,
  command: Command,
  say: (words: string) => void,
): Promise<Usable | null> {
  const { file } = instance;
  let loaded: Loaded;
  try {
    loaded = await readConfiguration(file, readOptions(command, instance));
  } catch (error) {
    // As a file with errors: trying again and again does not mend it.
    say(`ldirectord: ${(error as Error).message}\n`);
    return null;
  }
  const { config } = loaded;
  if (config !== null) return { ...instance, loaded: { ...loaded, config } };
  say(describeDiagnostics(file, loaded, process.stderr));
  return null;
}

function readOptions({ strict }: Command, { backend, knownNames }: Instance): ReadOptions {
  return { strict, capabilities: capabilitiesOf(backend), known: knownNames.addresses };
}

/**
 * What to start with: the file, or where that cannot be taken the version that ruled until the daemon before went
 * without a stop. Its table stands, and is better looked after by the version before than by nobody.
 */
async function startable(
  command: Command,
  say: (words: string) => void,
): Promise<(Usable & Pick<DirectorOptions, 'isFormer'>) | null> {
  const { file, name } = await findConfiguration(command.config);
  for (const words of await bringState(name, process.env)) say(`ldirectord: ${file}: ${words}\n`);
  const instance = await instanceOf(command);
  const found = await usable(instance, command, say);
  if (found !== null) return { ...found, isFormer: false };
  const text = await new LastRuling(runtimePath(name, 'ruling', process.env)).read();
  const former = text === null ? null : await understand(text, readOptions(command, instance));
  if (!former?.config) return null;
  say(`ldirectord: ${file}: not taken over, the one before rules on\n`);
  return { ...instance, loaded: { ...former, config: former.config }, isFormer: true };
}

async function startDaemon(command: Command, file: string): Promise<number> {
  const { config, strict } = command;
  const options = [...(strict ? ['--strict'] : []), ...backendOption(command)];
  // The default has an instance name of its own, so it stays unsaid.
  const configuration = config === undefined ? [] : [resolve(file)];
  const { ready, code } = await startInBackground({
    args: [...options, '--', ...configuration, 'start'],
    deadline,
    onWords: (words) => process.stderr.write(words),
  });
  if (ready) return done;
  if (code !== null) return code;
  process.stderr.write(
    `ldirectord: ${file}: start: not ready after ${deadline / 1_000} s, or killed; the log says how far it came\n`,
  );
  return failed;
}

/** In the process that is to be the daemon. Another one that was quicker is as good as this one. */
async function startAsDaemon(command: Command, background: Background): Promise<number> {
  try {
    const found = await startable(command, (words) => background.say(words));
    if (found === null) return unusable;
    const onReady = (missing: readonly string[]) => {
      for (const words of missing) background.say(notInTable(found.file, 'start', words));
      background.ready();
    };
    const code = await direct({ ...found, command, foreground: false, registered: true, onReady });
    if (code !== null) return code;
    return await alreadyRunning(command, found.file, await pidOf(found.name), (words) => background.say(words));
  } catch (error) {
    background.say(`ldirectord: ${(error as Error).message}\n`);
    return failed;
  } finally {
    background.close();
  }
}

/**
 * Nothing is to be done, unless it runs for another file. Who asks for the foreground wants this process to be the one:
 * that is a failure.
 */
async function alreadyRunning(
  { debug, foreground }: Command,
  file: string,
  pid: number | null,
  say: (words: string) => void = (words) => process.stderr.write(words),
): Promise<number> {
  const other = pid === null ? null : await namesakeOf(pid, file);
  if (pid !== null && other !== null) {
    say(namesakeWords('start', file, pid, other));
    return failed;
  }
  if (!debug && !foreground) return done;
  say(`ldirectord: ${file}: start: it runs already${pid === null ? '' : ` with pid ${pid}`}\n`);
  return failed;
}

async function pidOf(name: string): Promise<number | null> {
  const standing = await readPidFile(pidFilePath(name, process.env));
  return standing.state === 'running' ? standing.pid : null;
}
