/** What a server says before anything else. */

import type { Duplex } from 'node:stream';
import { lastLine } from '../faults.js';
import type { ShellFault } from '../shell.js';
import { type SshHost, whereOf } from './host.js';

/** Bytes; other lines may come before the one that counts, which has 255 at most (RFC 4253, section 4.2). */
const bound = 8192;
const identification = /^SSH-[^\n]*\n/m;

/**
 * Reads on until it is whole, and gives all that has come back to the stream, in one piece: the package loses the third
 * piece of a greeting. Null where there is one.
 */
export function readGreeting(stream: Duplex, host: SshHost, signal: AbortSignal): Promise<ShellFault | null> {
  return new Promise((resolve) => {
    let said = Buffer.alloc(0);
    const settle = (fault: ShellFault | null): void => {
      signal.removeEventListener('abort', onEnd);
      stream.off('data', onData).off('end', onEnd).off('close', onEnd).pause();
      if (fault === null) stream.unshift(said);
      resolve(fault);
    };
    const onData = (chunk: Buffer): void => {
      said = Buffer.concat([said, chunk]);
      if (identification.test(said.toString('latin1'))) settle(null);
      else if (said.length > bound) settle(noServer(host, said));
    };
    const onEnd = (): void => settle(said.length === 0 ? closed(host) : noServer(host, said));
    signal.addEventListener('abort', onEnd);
    // Its end is told by the two others.
    stream.on('error', () => {});
    stream.on('data', onData).once('end', onEnd).once('close', onEnd);
    if (signal.aborted || stream.destroyed) onEnd();
  });
}

function closed(host: SshHost): ShellFault {
  return {
    code: 'unreachable',
    message: `${whereOf(host)}: greeting of the server: it closes the connection without a word`,
    remedy: 'see its log: PerSourcePenalties, MaxStartups or a list of hosts may keep this one out',
  };
}

function noServer(host: SshHost, said: Buffer): ShellFault {
  return {
    code: 'unreachable',
    message: `${whereOf(host)}: greeting of the server: no SSH, but "${lastLine(said.toString('utf8'))}"`,
    remedy: 'set port in [ssh] to the one where sshd listens',
  };
}
