/** Where the log of a process goes. */

import { fstatSync } from 'node:fs';
import type { Writable } from 'node:stream';
import type { Config } from '../config/model.js';
import type { Settings } from '../config/setting-rows.js';
import type { Listener } from '../events.js';
import { type LogSettings, Log as ManagedLog, streamLog } from '../observe/log.js';
import { UnixDatagramSocket } from '../process/unix-datagram.js';

export interface LogOptions {
  readonly debug: boolean;
  /** Whether standard output is somebody's to read. */
  readonly foreground: boolean;
  /** Of the instance. */
  readonly name: string;
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
export function openLog({ debug, foreground, name }: LogOptions, config: Config, settings: Settings): Log {
  const { pid, stdout, stderr } = process;
  const journal = foreground && leadsToJournal(stdout.fd, process.env['JOURNAL_STREAM']);
  if (debug || (foreground && !journal)) {
    const stream = debug ? stderr : stdout;
    const json = !debug && settings.logFormat === 'json' ? { name, pid } : undefined;
    let rules = settings.logLevel;
    let byHand: LogSettings['level'] | null = null;
    const level = (): LogSettings['level'] => byHand ?? (debug ? 'debug' : rules);
    return {
      listener: streamLog(stream, { colour: stream.isTTY === true, json, level }),
      configure: (_, { logLevel }) => {
        rules = logLevel;
      },
      setLevel: (wanted) => {
        byHand = wanted;
      },
      close: () => flushed(stream),
    };
  }
  const syslog = UnixDatagramSocket.open(syslogSocket);
  const options = { name, pid, send: (datagram: string) => syslog.send(datagram), journal: journal ? stdout : null };
  const log = new ManagedLog(options, logSettings(config, settings));
  return {
    listener: log.listener,
    configure: (...rules) => log.configure(logSettings(...rules)),
    setLevel: (level) => {
      log.level = level;
    },
    close: async () => {
      await log.close();
      syslog.close();
      if (journal) await flushed(stdout);
    },
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

function flushed(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    if (stream.errored !== null || stream.destroyed) resolve();
    else stream.write('', () => resolve());
  });
}
