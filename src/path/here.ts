/** This machine: scripts run as children of this process. */

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { constants } from 'node:os';
import { PassThrough, type Readable, type Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { startDeadline } from '../system/deadline.js';
import { converse, type Running } from './conversation.js';
import { overFault } from './faults.js';
import { type As, type Launch, launch, wholeScript } from './script.js';
import type { Shell, ShellFault } from './shell.js';

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

const where = 'this machine';
/** Milliseconds for the kernel to end what was killed. */
const endGrace = 5000;

/** The password is for sudo(8), where this process is not root's and sudo wants one. */
export function openHere(sudoPassword: string | null = null): Shell {
  let isClosed = false;
  return {
    async run(script, { deadline: milliseconds, asRoot, signal }) {
      const deadline = startDeadline({ deadline: milliseconds, ...(signal && { signal }) });
      try {
        if (isClosed) return { ok: false, fault: overFault(where, 'closed', { code: 'aborted' }) };
        if (deadline.signal.aborted) return { ok: false, fault: overFault(where, 'begin', deadline.over()) };
        const as: As = asRoot && process.getuid?.() !== 0 ? { sudo: true, password: sudoPassword } : { sudo: false };
        const matter = { where, as, launch: launch(as, randomUUID()), script: wholeScript(script) };
        const running = begin(matter.launch.argv);
        const result = await converse(running, matter, deadline);
        running.stdin.destroy();
        if (!result.ok) await Promise.race([running.ended, sleep(endGrace, undefined, { ref: false })]);
        return result;
      } finally {
        deadline.release();
      }
    },
    async close() {
      isClosed = true;
    },
  };
}

function begin([program, ...args]: Launch['argv']): Running {
  try {
    return runningOf(
      spawn(program, args, {
        stdio: ['pipe', 'pipe', 'pipe'],
        cwd: '/',
        // Of its own group, so that nothing that it starts outlives it.
        detached: true,
        env: { ...process.env, LC_ALL: 'C' },
      }),
    );
  } catch (error) {
    // Of the errors of spawn(3) Node throws some at once, and tells some later.
    const none = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough(), kill() {} };
    return { ...none, ended: Promise.resolve(notStarted(program, error as Error)) };
  }
}

function runningOf(child: Child): Running {
  // Where this process is out of descriptors, there are none: the error comes without them.
  const { stdin = new PassThrough(), stdout = new PassThrough(), stderr = new PassThrough() } = child;
  const ended = new Promise<number | ShellFault>((resolve) => {
    // Not once: one that is killed without success tells a second one.
    child.on('error', (error) => resolve(notStarted(child.spawnfile, error)));
    child.once('close', (code, signal) => {
      // As sh(1) counts them.
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
  const kill = (): void => {
    // Root's processes are not for this one to kill: the watch beside the script sees that its input ends.
    stdin.destroy();
    if (child.pid !== undefined) {
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // Nothing of it is left, or all of it is root's.
      }
    }
    stdout.destroy();
    stderr.destroy();
  };
  return { stdin, stdout, stderr, ended, kill };
}

function notStarted(program: string, error: Error): ShellFault {
  const { code } = error as NodeJS.ErrnoException;
  if (program === 'sudo' && code === 'ENOENT') {
    return { code: 'sudo-refused', message: `${where}: there is no sudo`, remedy: 'install sudo, or run this as root' };
  }
  return {
    code: 'unreachable',
    message: `${where}: ${program} cannot begin (${code ?? error.message})`,
    remedy: 'see how many processes and how much memory are left',
  };
}
