/** A Perl process that has one script compiled and runs it for each check. */

import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import os from 'node:os';
import { failureBy, failureOf, Hindrance, ProbeFailure, printable } from '../../failure.js';
import { hold } from '../held-processes.js';
import { killGroup, killTree } from '../process-tree.js';
import type { End } from '../program-end.js';
import { FrameReader, frame } from './frames.js';
import { hostProgram } from './host-program.js';

/** Milliseconds after the deadline for the Perl process to say which process is to be killed, and that it has ended. */
const patience = 400;

export interface Ended extends End {
  readonly output: string;
}

interface Running {
  pid: number | null;
  onStart: () => void;
  readonly settle: (outcome: Ended | ProbeFailure) => void;
}

export class PerlHost {
  readonly #child: ChildProcess;
  readonly #pipe: Socket;
  readonly #running = new Map<string, Running>();
  readonly #reader = new FrameReader();
  #number = 0;
  #retired = false;
  /** Why it can run nothing any more. */
  #over: ProbeFailure | null = null;
  /** The script is at fault, and stays so until it changes. */
  #broken = false;

  /** Throws a ProbeFailure where no process can be started. */
  constructor(script: string, environment: Readonly<Record<string, string>>) {
    const child = begin(script, environment);
    hold(child);
    this.#child = child;
    // Pipes of child processes are sockets. Where no descriptor is left there are none, and the error follows.
    this.#pipe = ((child.stdio as ChildProcess['stdio'] | undefined)?.[3] as Socket | undefined) ?? new Socket();
    child.stdin?.on('error', () => {});
    child.stdin?.end(hostProgram);
    // Not once: a child that is killed without success tells a second one.
    child.on('error', (error) => {
      this.#end(failureBy('command', error, 'perl'));
    });
    child.once('exit', (code, signal) => {
      this.#end(new ProbeFailure('command', `the Perl process has ended (${signal ?? `exit status ${code}`})`));
    });
    this.#pipe.on('error', () => {});
    this.#pipe.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#hold();
  }

  /** Whether it can be given another check; one whose script is broken answers with that. */
  get usable(): boolean {
    return this.#broken || (this.#over === null && !this.#retired);
  }

  /** Runs the script. Settles when its process is gone, soon after the signal aborts; rejects with a ProbeFailure. */
  async run(args: readonly string[], details: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Ended> {
    if (this.#over !== null) throw this.#over;
    this.#number += 1;
    const id = String(this.#number);
    let timer: NodeJS.Timeout | undefined;
    const outcome = new Promise<Ended | ProbeFailure>((settle) => {
      this.#running.set(id, { pid: null, onStart: () => {}, settle });
    });
    const abort = () => {
      const running = this.#running.get(id);
      if (running === undefined) return;
      const kill = () => {
        if (running.pid !== null) void killTree(running.pid);
      };
      running.onStart = kill;
      kill();
      // It hangs, perhaps in what the script does while it is compiled.
      timer = setTimeout(() => void this.kill(), patience);
    };
    this.#hold();
    signal.addEventListener('abort', abort, { once: true });
    this.#pipe.write(frame(['check', id, String(args.length), ...args, ...Object.entries(details).flat()]));
    if (signal.aborted) abort();
    try {
      const ended = await outcome;
      if (!(ended instanceof ProbeFailure)) return ended;
      throw signal.aborted ? failureOf('command', signal.reason, signal) : ended;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      this.#running.delete(id);
      this.#hold();
    }
  }

  /** Ends it when what it runs has ended. */
  retire(): void {
    this.#retired = true;
    this.#hold();
  }

  /** Ends it with all that it runs, a check that has been started and not been told yet as well. */
  async kill(): Promise<void> {
    this.#retired = true;
    const { pid, exitCode, signalCode } = this.#child;
    // The first to go, it says of none that it has ended by itself; and what has left their groups is found while they live.
    if (pid !== undefined && exitCode === null && signalCode === null) await killTree(pid);
    for (const running of this.#running.values()) if (running.pid !== null) killGroup(running.pid);
  }

  /** Idle, it does not hold up the end of this process, which it sees by its pipe. */
  #hold(): void {
    const busy = this.#running.size > 0;
    if (this.#retired && !busy) this.#pipe.destroy();
    for (const resource of [this.#child, this.#pipe]) {
      if (busy) resource.ref();
      else resource.unref();
    }
  }

  #take(chunk: Buffer): void {
    let frames: string[][] = [];
    try {
      frames = this.#reader.read(chunk);
    } catch {
      void this.kill();
    }
    for (const [kind, first = '', second = '', ...rest] of frames) {
      if (kind === 'broken') {
        this.#broken = true;
        this.#end(new ProbeFailure('command', `the script cannot be compiled: ${printable(first)}`));
        continue;
      }
      const running = this.#running.get(first);
      if (kind === 'started' && running !== undefined) {
        running.pid = Number(second);
        running.onStart();
      } else if (kind === 'ended') {
        running?.settle({ ...endOf(Number(second)), output: rest.join(' ') });
      } else if (kind === 'unable') {
        running?.settle(new Hindrance('command', `no process can be started: ${printable(second)}`));
      }
    }
  }

  #end(why: ProbeFailure): void {
    this.#over ??= why;
    this.#pipe.destroy();
    for (const { pid, settle } of this.#running.values()) {
      if (pid !== null) killGroup(pid);
      settle(this.#over);
    }
  }
}

/** Throws a ProbeFailure: of the errors of spawn(3) Node throws most at once, and tells some later. */
function begin(script: string, environment: Readonly<Record<string, string>>): ChildProcess {
  try {
    return spawn('perl', ['-', script], {
      stdio: ['pipe', 'ignore', 'ignore', 'pipe'],
      env: environment,
      detached: true,
    });
  } catch (error) {
    throw failureBy('command', error, 'perl');
  }
}

const signalNames = new Map(Object.entries(os.constants.signals).map(([name, number]) => [number, name]));

/** A status of waitpid(2). */
function endOf(status: number): End {
  const signal = status & 0x7f;
  return signal === 0
    ? { code: status >> 8, killedBy: null }
    : { code: null, killedBy: signalNames.get(signal) ?? `signal ${signal}` };
}
