/** Whether somebody takes a connection: it is closed at once. */

import { connect } from 'node:net';

/** Null where it was taken; else how it ended: `timed out`, `refused`. Never rejects. */
export function knock(address: string, port: number, deadline: number): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const end = (failure: string | null): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(failure);
    };
    // What has come meanwhile is taken first: this process may have been busy for longer than that.
    const timer = setTimeout(() => setImmediate(() => end(`timed out after ${deadline / 1_000} s`)), deadline);
    socket.once('connect', () => end(null));
    socket.on('error', (error: NodeJS.ErrnoException) => end(wordsOf(error)));
  });
}

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EHOSTUNREACH: 'host unreachable, or prohibited',
  ENETUNREACH: 'network unreachable',
  EACCES: 'prohibited',
  ETIMEDOUT: 'timed out',
};

function wordsOf({ code = '', message }: NodeJS.ErrnoException): string {
  return words[code] ?? (code || message);
}
