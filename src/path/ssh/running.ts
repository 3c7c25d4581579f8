/** A program that runs in a session. */

import { constants } from 'node:os';
import type ssh2 from 'ssh2';
import type { Running } from '../conversation.js';
import type { ShellFault } from '../shell.js';

export function runningOn(channel: ssh2.ClientChannel, closed: Promise<void>, lost: () => ShellFault): Running {
  const ended = new Promise<number | ShellFault>((resolve) => {
    let status: number | null = null;
    channel.on('exit', (code: number | null, signal?: string) => {
      // As sh(1) counts them.
      status = code ?? 128 + (constants.signals[signal as NodeJS.Signals] ?? 0);
    });
    channel.once('close', () => resolve(status ?? lost()));
    void closed.then(() => resolve(status ?? lost()));
  });
  return {
    stdin: channel.stdin,
    stdout: channel.stdout,
    stderr: channel.stderr,
    ended,
    kill: () => channel.destroy(),
  };
}
