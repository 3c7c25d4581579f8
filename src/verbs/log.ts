/** Where the log of a process goes. */

import { fstatSync } from 'node:fs';
import type { Settings } from '../config/settings/rows.js';
import type { Event, Listener } from '../events.js';
import type { Config } from '../model/config.js';
import { type LogSettings, Log as ManagedLog, streamLog } from '../observe/log.js';
import { SystemLog } from '../process/system-log.js';

export interface LogOptions {
  readonly debug: boolean;
  /** Whether standard output is somebody's to read. */
  readonly foreground: boolean;
  /** Of the instance. */
  readonly name: string;
  /** Gets what is to be said of the log itself. */
  readonly publish: (event: Event) => void;
}

export interface Log {
  readonly listener: Listener;
  /** Takes over what a configuration says about the log. */
  readonly configure: (config: Config, settings: Settings) => void;
  /** Tells from this level on, whatever the settings say; null is as they say. */
  readonly setLevel: (level: LogSettings['level'] | null) => void;
  /** Brings out everything said so far, or as much of it as can be within seconds, and closes the log. */
  close(): Promise<void>;
}

const syslogSocket = '/dev/log';

/**
 * With `debug` standard error alone, in the foreground standard output alone, as people and supervisors read it;
 * otherwise what `logfile` says, and along with that the journal where standard output leads there.
 */
export function openLog(options: LogOptions, config: Config, settings: Settings): Log {
  const { stdout, stderr } = process;
  // Whoever reads them may go at any time, and Node itself writes there too.
  for (const stream of [stdout, stderr]) stream.on('error', () => {});
  const journal = options.foreground && leadsToJournal(stdout.fd, process.env['JOURNAL_STREAM']);
  if (options.debug || (options.foreground && !journal)) return openStreamLog(options, settings);
  const { name, publish } = options;
  const system = SystemLog.open(syslogSocket);
  const send = (line: string): string | null => system.send(line);
  const log = new ManagedLog(
    { name, pid: process.pid, send, journal: journal ? stdout : null, publish },
    logSettings(config, settings),
  );
  return {
    listener: log.listener,
    configure: (...rules) => log.configure(logSettings(...rules)),
    setLevel: (level) => {
      log.level = level;
    },
    close: async () => {
      await log.close();
      system.close();
    },
  };
}

/** With `debug` everything, as text: it is a person who asked for it. */
function openStreamLog({ debug, name, publish }: LogOptions, settings: Settings): Log {
  const { pid, stdout, stderr } = process;
  const stream = debug ? stderr : stdout;
  let rules = settings;
  let byHand: LogSettings['level'] | null = null;
  const log = streamLog(stream, {
    name,
    pid,
    place: debug ? 'standard error' : 'standard output',
    colour: stream.isTTY === true,
    settings: () => ({
      level: byHand ?? (debug ? 'debug' : rules.logLevel),
      format: debug ? 'text' : rules.logFormat,
    }),
    publish,
  });
  return {
    listener: log.listener,
    configure: (_, settings) => {
      rules = settings;
    },
    setLevel: (level) => {
      byHand = level;
    },
    close: () => log.close(),
  };
}

function logSettings({ global }: Config, { logFormat, logLevel }: Settings): LogSettings {
  return { logfile: global.logfile, format: logFormat, level: logLevel };
}

/** Whether a descriptor is the one that systemd connected to the journal: see systemd.exec(5), `$JOURNAL_STREAM`. */
function leadsToJournal(descriptor: number, stream: string | undefined): boolean {
  if (stream === undefined) return false;
  const { dev, ino } = fstatSync(descriptor, { bigint: true });
  return stream === `${dev}:${ino}`;
}
