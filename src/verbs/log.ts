/** Where the log of a process goes. */

import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import type { Listener } from '../events.js';
import { streamLog } from '../observe/log.js';

export interface LogOptions {
  readonly debug: boolean;
  /** Whether standard output is somebody's to read. */
  readonly foreground: boolean;
  readonly logfile: string;
}

export interface Log {
  readonly listener: Listener;
  /** Settles when everything said so far is out of this process, or could not be brought out. */
  flush(): Promise<void>;
}

export function openLog({ debug, foreground, logfile }: LogOptions): Log {
  const stream = debug ? process.stderr : foreground ? process.stdout : createWriteStream(logfile, { flags: 'a' });
  return {
    listener: streamLog(stream, { colour: 'isTTY' in stream && stream.isTTY === true }),
    flush: () => flushed(stream),
  };
}

function flushed(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    if (stream.errored !== null || stream.destroyed) resolve();
    else stream.write('', () => resolve());
  });
}
