/**
 * Asks a feedback agent, which speaks as soon as it is connected to: nothing is sent, and one line is read. The reason of
 * a success is what it said, in few words. Some agents never close, and some close without the end of a line.
 */

import { parseSaying, sayingText } from '../model/agent-word.js';
import { answer, failureOf, ProbeFailure } from './failure.js';
import type { Check, ProbeAnswer } from './probe.js';
import { connectTo } from './sockets/tcp-connect.js';
import type { TcpSocket } from './sockets/tcp-socket.js';

/** Bytes of a line, without its end. */
const longestLine = 1024;
/** Bytes that are read: one more shows that a line is too long. */
export const agentBound = longestLine + 1;

export function probeAgent(check: Check, signal: AbortSignal): Promise<ProbeAnswer> {
  return answer(async () => {
    const socket = await connectTo(check, signal);
    try {
      return saidIn(await hear(socket, signal));
    } finally {
      socket.end();
    }
  });
}

/** What an agent said, of which this is all, or the first `agentBound` bytes. Throws a ProbeFailure where it is no line. */
export function saidIn(bytes: Buffer): string {
  if (!hasLine(bytes) && bytes.length > longestLine) {
    throw new ProbeFailure('response', `more than ${longestLine} bytes without the end of a line`);
  }
  return sayingText(parseSaying(bytes.toString('utf8')));
}

export function hasLine(bytes: Buffer): boolean {
  return bytes.includes('\n') || bytes.includes('\r');
}

/** Everything until a line ends, or the connection, and at most `agentBound` bytes. Rejects with a ProbeFailure. */
function hear(socket: TcpSocket, signal: AbortSignal): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(agentBound);
  let length = 0;
  return new Promise((resolve, reject) => {
    const settle = (outcome: () => void): void => {
      signal.removeEventListener('abort', aborted);
      socket.onEvent = () => {};
      outcome();
    };
    const fail = (error: unknown): void => settle(() => reject(failureOf('response', error, signal)));
    const aborted = (): void => fail(signal.reason);
    const read = (): void => {
      try {
        for (;;) {
          const count = socket.receive(buffer.subarray(length));
          if (count === null) return;
          length += count;
          const said = buffer.subarray(0, length);
          if (count === 0 && length === 0) throw new ProbeFailure('response', 'closed by the server without a word');
          if (count > 0 && length < agentBound && !hasLine(said)) continue;
          settle(() => resolve(said));
          return;
        }
      } catch (error) {
        fail(error);
      }
    };
    signal.addEventListener('abort', aborted);
    socket.onEvent = read;
    if (signal.aborted) aborted();
    // It can have spoken before it was listened to.
    else read();
  });
}
