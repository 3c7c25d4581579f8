/** The life of the process that keeps the table: from its pid file to the last word of its log. */

import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadSettings } from '../config/settings/settings.js';
import { LogLevelByHand } from '../control/log-level.js';
import { Daemon } from '../daemon.js';
import { announcementFile } from '../directors/announce/kept.js';
import { replicaFile } from '../directors/shared/replica-file.js';
import { syncJournal } from '../directors/sync/journal.js';
import { EventBus } from '../events.js';
import { handOver, takeOver } from '../health/hand-over.js';
import { policyFile } from '../health/policy-keeper.js';
import type { BackendName } from '../ipvs/capabilities.js';
import { openBackend } from '../ipvs/open.js';
import { Keeper } from '../kept/keeper.js';
import { byHandFile } from '../overrides/by-hand-file.js';
import { addressJournal } from '../path/addresses/journal.js';
import { giveBackSoon, shareArena } from '../process/allocator.js';
import { makeRoom } from '../process/ending.js';
import { expectShortLives, gatherLittle } from '../process/heap.js';
import { PidFile, pidFilePath, runtimePath } from '../process/pid-file.js';
import { ServiceManager } from '../process/service-manager.js';
import { instancePath, stateDirectory } from '../process/state-directory.js';
import { StatusLine } from '../process/status-line.js';
import type { KnownNames } from '../reload/known-names.js';
import { LastRuling } from '../reload/last-ruling.js';
import type { ReloadOutcome } from '../reload/outcome.js';
import type { Valid } from '../reload/read.js';
import { countsText } from '../status/counts.js';
import type { Counts } from '../status/model.js';
import { roleText } from '../status/role-words.js';
import { version } from '../system/version.js';
import { backendOption, type Command, done, failed, handOverSignal } from './command.js';
import { type Log, openLog } from './log.js';
import { Others } from './others.js';

export interface DirectorOptions {
  readonly command: Command;
  readonly file: string;
  /** Of the instance. */
  readonly name: string;
  /** As the command line or the settings say. */
  readonly backend: BackendName;
  readonly loaded: Valid;
  /** Whether that is the version before, since the file cannot be taken. */
  readonly isFormer: boolean;
  readonly knownNames: KnownNames;
  /** Whether somebody looks after the process and reads its standard output. */
  readonly foreground: boolean;
  /** Whether the instance has a pid file. */
  readonly registered: boolean;
  /** The table stands, but for what is named, a sentence each. */
  readonly onReady: (missing: readonly string[]) => void;
}

/** End the daemon and take out of the table what `cleanstop` says. */
const stopSignals: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT', 'SIGQUIT'];
/** Milliseconds for mails and commands of a daemon that has handed over; commands have their own deadline as well. */
const finishingPatience = 120_000;
/** Milliseconds for the last words of a process that cannot go on. */
const lastWords = 1_000;

/**
 * Settles with the exit status when the daemon has ended. Null where another process is the instance already.
 * Rejects where the daemon cannot start.
 */
export async function direct(options: DirectorOptions): Promise<number | null> {
  const { command, file, name, registered } = options;
  expectShortLives();
  shareArena();
  const pidFile = registered ? await PidFile.claim(pidFilePath(name, process.env)) : null;
  if (registered && pidFile === null) return null;
  // Whoever looks at processes learns from it which file rules; this one's directory is not his.
  process.title = `ldirectord ${resolve(file)}`;
  const manager = ServiceManager.open(process.env);
  try {
    const bus = new EventBus();
    const { settings } = await loadSettings(file);
    const { balancerThreads } = settings;
    const log = openLog({ ...options, debug: command.debug, publish: bus.publish }, options.loaded.config, settings);
    bus.subscribe(log.listener);
    endOnFaults(bus, log);
    const others = new Others({ name, options: backendOption(command), publish: bus.publish });
    try {
      await live({ ...options, balancerThreads, bus, log, manager, others, release: async () => pidFile?.release() });
    } finally {
      await log.close();
    }
  } finally {
    await pidFile?.release();
    manager.close();
  }
  return done;
}

interface Life extends DirectorOptions {
  readonly balancerThreads: number;
  readonly bus: EventBus;
  readonly log: Log;
  readonly manager: ServiceManager;
  readonly others: Others;
  readonly release: () => Promise<void>;
}

async function live({
  command,
  file,
  name,
  backend: backendName,
  balancerThreads,
  loaded,
  isFormer,
  knownNames,
  foreground,
  bus,
  log,
  manager,
  others,
  release,
  onReady,
  registered,
}: Life): Promise<void> {
  const backend = await openBackend(backendName, {
    threads: balancerThreads,
    onTrouble: (object, failure) => bus.publish({ type: 'table-failed', object, failure }),
  });
  const handedOver = runtimePath(name, 'up', process.env);
  const before = await takeOver(handedOver, Date.now());
  // From here on a signal waits for the start to end, and the table is left in order.
  const stopped = firstSignal([...stopSignals, handOverSignal]);
  const lastRuling = new LastRuling(runtimePath(name, 'ruling', process.env));
  const directory = await stateDirectory(process.env);
  const policies = policyFile(instancePath(directory, name, 'policies'));
  const { state: policiesBefore, fault } = await policies.read();
  if (fault !== null) bus.publish({ type: 'policies-lost', reason: fault });
  const logLevel = new LogLevelByHand(log.setLevel, bus.publish);
  const starting = Daemon.start(
    {
      strict: command.strict,
      file,
      backend,
      ...(command.backend === undefined && { backendSetting: backendName }),
      bus,
      version,
      background: !foreground,
      byHandFile: byHandFile(instancePath(directory, name, 'orders')),
      replicaFile: replicaFile(instancePath(directory, name, 'shared')),
      // Two that have no pid file may be one instance, and write to the same files.
      ...(registered && { keeper: keeperOf(directory, name, bus) }),
      before,
      policies: { file: policies, before: policiesBefore },
      packetsJournal: instancePath(directory, name, 'packets'),
      knownNames,
      lastRuling,
      announcementFile: announcementFile(instancePath(directory, name, 'announcements')),
      ...(backendName !== 'memory' && {
        addressJournal: addressJournal(instancePath(directory, name, 'vips')),
        syncJournal: syncJournal(instancePath(directory, name, 'sync')),
      }),
      onRule: (config, settings) => {
        log.configure(config, settings);
        gatherLittle(config.virtuals.reduce((sum, { realServers }) => sum + realServers.length, 0));
      },
      control: {
        path: runtimePath(name, 'sock', process.env),
        reload: () => reload(),
        setLogLevel: (level, until) => logLevel.set(level, until),
      },
    },
    loaded,
  );
  let ending = false;
  let unknown = 0;
  const line = new StatusLine({
    text: async () => {
      const daemon = await starting;
      const now = await daemon.counts();
      unknown = now.unknown;
      return statusText(now, daemon);
    },
    tell: (text) => manager.status(text),
  });
  const reload = async (): Promise<ReloadOutcome> => {
    const daemon = await starting;
    if (ending) return { ok: false, reason: 'the daemon stops', diagnostics: '' };
    manager.tellReloading();
    const outcome = await daemon.reload();
    giveBackSoon();
    manager.tellReloaded();
    await others.reload(daemon.config.global.execute);
    await others.start(daemon.config.global.execute);
    return outcome;
  };
  process.on('SIGHUP', () => void reload());
  process.on('SIGUSR1', () => bus.publish({ type: 'signal-ignored', signal: 'USR1' }));
  const daemon = await starting;
  if (manager.isThere) keepStatus(bus, line, () => unknown > 0);
  if (isFormer) await daemon.reload();
  else lastRuling.forget();
  // Nobody who wants to stop it waits for a large table.
  onReady(await Promise.race([daemon.missing(), stopped.then(() => [])]));
  if (manager.isThere) manager.ready(await line.now());
  giveBackSoon();
  await others.start(daemon.config.global.execute);

  const signal = await stopped;
  ending = true;
  line.close();
  manager.tellStopping();
  logLevel.close();
  const { execute } = daemon.config.global;
  const cause = `signal: ${signal.replace('SIG', '')}`;
  if (signal === handOverSignal) {
    // What the file names no more goes now: the next daemon would not know that it was ours.
    await daemon.reload();
    await handOver(handedOver, daemon.handedOver, Date.now()).catch(({ message }: Error) => {
      bus.publish({ type: 'health-lost', reason: message });
    });
    await daemon.leave(cause);
  } else {
    await daemon.stop(cause);
    lastRuling.forget();
  }
  await lastRuling.whenSettled();
  // Before the others: one of them may want to stop this one along with itself.
  await release();
  await others.end(execute, signal);
  if (signal !== handOverSignal) return;
  // A command that runs is not run a second time, and a mail that waits is sent, while the next daemon checks already.
  makeRoom();
  await daemon.finish(finishingPatience);
}

function keeperOf(directory: string, name: string, bus: EventBus): Keeper {
  const keeper = new Keeper({
    directory,
    pathOf: (file) => instancePath(directory, name, file),
    onLoss: (reason) => bus.publish({ type: 'past-lost', reason }),
  });
  // The next one is to know why this one ended.
  bus.subscribe(({ type }) => void (type === 'crashed' && keeper.close()));
  return keeper;
}

/** What `systemctl status` says. */
function statusText(
  counts: Counts,
  { role, isHandedOver, chronicle: { rejected } }: Pick<Daemon, 'role' | 'isHandedOver' | 'chronicle'>,
): string {
  const handover = isHandedOver ? '; handed over, clients go to other directors' : '';
  const fault = rejected === null ? '' : `; the file on disk does not rule: ${rejected}`;
  return `${countsText(counts)}${roleText({ role })}${handover}${fault}`;
}

/** That a first result confirms what was taken to be so is no event of its own: it is looked for as long as it is awaited. */
function keepStatus(bus: EventBus, line: StatusLine, isAwaited: () => boolean): void {
  bus.subscribe(({ type }) => {
    if (type === 'checked' || type === 'table-kept' || (type === 'checks-summed' && !isAwaited())) return;
    line.request();
  });
}

/** A second signal while the first is being obeyed ends the process at once. */
function firstSignal(signals: readonly NodeJS.Signals[]): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const name of signals) {
      process.once(name, () => {
        for (const other of signals) process.once(other, () => process.exit(failed));
        resolve(name);
      });
    }
  });
}

/**
 * An error that nobody foresaw leaves the process in a state that nobody knows: it says what happened and ends,
 * touching neither the table, which serves on, nor the pid file, which tells that it did not end well.
 */
function endOnFaults(bus: EventBus, log: Log): void {
  process.once('uncaughtException', (error) => {
    process.on('uncaughtException', () => process.exit(failed));
    const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
    bus.publish({ type: 'crashed', trace });
    void Promise.race([log.close(), sleep(lastWords)]).finally(() => process.exit(failed));
  });
}
