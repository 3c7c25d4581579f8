/** Whether a program of the administrator exits with status 0. */

import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { answer, failureBy, failureOf } from '../failure.js';
import type { Check, ProbeAnswer } from '../probe.js';
import { hold } from './held-processes.js';
import { killGroup, killTree } from './process-tree.js';
import { type End, judgeEnd } from './program-end.js';
import { environmentOf } from './program-environment.js';

/** Bytes of output that are kept, the last ones. */
const outputBound = 4096;
/** Milliseconds for output to arrive when the program itself has ended. */
const outputGrace = 100;

/**
 * `command` is a program, as a whole: no shell, no arguments in it, blanks belong to its name. Without a slash
 * it is looked for in PATH. It leads a process group of its own; what is left of that group when the program
 * ends is killed, and when the signal aborts its descendants elsewhere too.
 */
export function probeExternal(check: Check, signal: AbortSignal): Promise<ProbeAnswer> {
  return answer(async () => {
    if (signal.aborted) {
      throw failureOf('command', signal.reason, signal);
    }
    const child = begin(check);
    // At once: where no descriptor is left there are no streams, and the error comes without them.
    const ending = waitForEnd(child, check.command, signal);
    hold(child);
    const output = tailOf([child.stdout, child.stderr]);
    let killed = Promise.resolve();
    const abort = () => {
      if (child.pid !== undefined) killed = killTree(child.pid);
    };
    signal.addEventListener('abort', abort);
    try {
      const end = await ending;
      await killed;
      return judgeEnd(end, output(), signal);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  });
}

/** Of the errors of spawn(3) Node throws most at once, and tells some later. */
function begin(check: Check) {
  try {
    return spawn(check.command, check.args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      env: environmentOf(check),
    });
  } catch (error) {
    throw failureBy('command', error, check.command);
  }
}

function waitForEnd(child: ChildProcess, command: string, signal: AbortSignal): Promise<End> {
  return new Promise((resolve, reject) => {
    // Not once: a child that is killed without success tells a second one. And it may run all the same.
    child.on('error', (error) => {
      if (child.pid !== undefined) killGroup(child.pid);
      reject(signal.aborted ? failureOf('command', error, signal) : failureBy('command', error, command));
    });
    child.once('exit', (code, killedBy) => {
      if (child.pid !== undefined) killGroup(child.pid);
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

/** Reads streams to their end, so that their writer never blocks; returns a look at its end. */
function tailOf(streams: readonly (Readable | undefined)[]): () => string {
  let tail = Buffer.alloc(0);
  for (const stream of streams) {
    stream?.on('data', (chunk: Buffer) => {
      tail = Buffer.concat([tail, chunk]).subarray(-outputBound);
    });
    stream?.on('error', () => {});
  }
  return () => tail.toString('utf8');
}
