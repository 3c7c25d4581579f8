/** Whether a program of the administrator exits with status 0. */

import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { Answer, Check } from './probe.js';
import { answer, causeOf, failureOf, ProbeFailure, printable } from './wire/failure.js';

/** Bytes of output that are kept, the last ones. */
const outputBound = 4096;
/** Milliseconds for output to arrive when the program itself has ended. */
const outputGrace = 100;

/**
 * `command` is a program, as a whole: no shell, no arguments in it, blanks belong to its name. Without a slash
 * it is looked for in PATH. It leads a process group of its own; what is left of that group when the program
 * ends, or when the signal aborts, is killed.
 */
export function probeExternal(check: Check, signal: AbortSignal): Promise<Answer> {
  return answer(async () => {
    if (signal.aborted) {
      throw failureOf('command', signal.reason, signal);
    }
    const child = spawn(check.command, check.args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const output = tailOf([child.stdout, child.stderr]);
    const abort = () => killGroup(child);
    signal.addEventListener('abort', abort);
    try {
      const end = await ended(child, check.command, signal);
      return judge(end, output(), signal);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  });
}

interface End {
  readonly code: number | null;
  readonly killedBy: NodeJS.Signals | null;
}

function ended(child: ChildProcess, command: string, signal: AbortSignal): Promise<End> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      const failure = failureOf('command', error, signal);
      reject(signal.aborted ? failure : new ProbeFailure('command', `${printable(command)}: ${causeOf(error)}`));
    });
    child.once('exit', (code, killedBy) => {
      killGroup(child);
      // A process that left the group can hold the pipes open for good.
      const timer = setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      }, outputGrace);
      child.once('close', () => {
        clearTimeout(timer);
        resolve({ code, killedBy });
      });
    });
  });
}

function judge(end: End, output: string, signal: AbortSignal): string {
  const said = output === '' ? '' : `: ${output}`;
  if (end.code === 0) {
    return `command: exit status 0${said}`;
  }
  if (signal.aborted) {
    throw new ProbeFailure('command', `${failureOf('command', signal.reason, signal).what}${said}`);
  }
  const how = end.killedBy === null ? `exit status ${end.code}` : `killed by ${end.killedBy}`;
  throw new ProbeFailure('command', `${how}${said}`);
}

/** Reads streams to their end, so that their writer never blocks; returns a look at the last line. */
function tailOf(streams: readonly Readable[]): () => string {
  let tail = Buffer.alloc(0);
  for (const stream of streams) {
    stream.on('data', (chunk: Buffer) => {
      tail = Buffer.concat([tail, chunk]).subarray(-outputBound);
    });
    stream.on('error', () => {});
  }
  return () => printable(tail.toString('utf8').trimEnd().split('\n').at(-1) ?? '');
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) {
    return;
  }
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Nothing of it is left, or it has become another user's, whom this one may not kill.
  }
}
