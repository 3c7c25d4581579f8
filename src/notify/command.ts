/** Runs a command of the administrator once: under a deadline, its output read and bounded. */

import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';

export interface Command {
  /** As written in the file: a program, perhaps with arguments, in the words of sh(1). */
  readonly command: string;
  /** Added at its end, each as one word, whatever is in it. */
  readonly args: readonly string[];
  /** What it reads; nothing where this is not given. */
  readonly input?: Buffer;
  /** Milliseconds until it is killed, with what it started. */
  readonly timeout: number;
  /** How much of what it prints is kept. */
  readonly keep?: Bound;
}

export interface Bound {
  readonly bytes: number;
  readonly lines: number;
}

export interface Outcome {
  readonly ok: boolean;
  /** `exit status 0`, `killed after 60 s`. */
  readonly how: string;
  /** Null where it did not end by itself. */
  readonly status: number | null;
  /** The first lines of what it printed, errors among them; `…` is the rest. */
  readonly output: readonly string[];
  /** The same without errors. */
  readonly answer: readonly string[];
}

/** The rest is read and thrown away, so that the command never blocks. */
const usualBound: Bound = { bytes: 4096, lines: 20 };
/** Settings of Node, and what a service manager says to the process that it started: sd_notify(3), sd_listen_fds(3). */
const own = /^(?:NODE_|LDIRECTORD_|LISTEN_|WATCHDOG_|NOTIFY_SOCKET$|CREDENTIALS_DIRECTORY$|JOURNAL_STREAM$)/;
/** Milliseconds for output to arrive when the program itself has ended. */
const outputGrace = 100;

/** Never rejects. The signal kills it as the deadline does. */
export async function runCommand(
  { command, args, input, timeout, keep = usualBound }: Command,
  signal: AbortSignal,
): Promise<Outcome> {
  const notBegun = (how: string): Outcome => ({ ok: false, how, status: null, output: [], answer: [] });
  if (signal.aborted) return notBegun('not begun: the daemon stops');
  let child: ChildProcess;
  try {
    child = begin(command, args);
  } catch (error) {
    return notBegun(cannotBegin(error as Error));
  }
  // Where the process is out of descriptors, there are no streams.
  const output = headOf([child.stdout, child.stderr], keep);
  const answer = headOf([child.stdout], keep);
  // A command need not read its input.
  child.stdin?.on('error', () => {});
  child.stdin?.end(input);
  let killed: string | null = null;
  const kill = (why: string): void => {
    killed ??= why;
    killGroup(child);
  };
  const onAbort = (): void => kill('killed: the daemon stops');
  signal.addEventListener('abort', onAbort);
  const timer = setTimeout(kill, timeout, `killed after ${timeout / 1000} s`);
  try {
    const { how, status } = await waitForEnd(child);
    const ended = killed === null ? { ok: status === 0, how, status } : { ok: false, how: killed, status: null };
    return { ...ended, output: output(), answer: answer() };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

/** Throws for most of what keeps a process from being started, a lack of memory among it; the rest is emitted. */
function begin(command: string, args: readonly string[]): ChildProcess {
  // The shell sees the administrator's text and nothing else: arguments reach it as "$@".
  return spawn('/bin/sh', ['-c', `${command} "$@"`, 'ldirectord', ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    cwd: '/',
    env: environment(),
    detached: true,
  });
}

function cannotBegin({ message }: Error): string {
  return `cannot begin: ${message}`;
}

/** Of the daemon, less what is meant for the daemon itself. */
function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !own.test(name)));
}

function waitForEnd(child: ChildProcess): Promise<Pick<Outcome, 'how' | 'status'>> {
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ how: cannotBegin(error), status: null }));
    child.once('exit', (code, signal) => {
      const how = signal === null ? `exit status ${code}` : `killed by ${signal}`;
      const settle = (): void => resolve({ how, status: code });
      // What it left running in the background keeps the pipes: its output is read, and nobody waits for it.
      const timer = setTimeout(() => {
        for (const stream of [child.stdout, child.stderr]) if (stream instanceof Socket) stream.unref();
        settle();
      }, outputGrace);
      child.once('close', () => {
        clearTimeout(timer);
        settle();
      });
    });
  });
}

function headOf(streams: readonly (Readable | null | undefined)[], { bytes, lines: most }: Bound): () => string[] {
  const chunks: Buffer[] = [];
  let size = 0;
  for (const stream of streams) {
    if (stream === null || stream === undefined) continue;
    stream.on('data', (chunk: Buffer) => {
      if (size < bytes) chunks.push(chunk.subarray(0, bytes - size));
      size += chunk.length;
    });
    stream.on('error', () => {});
  }
  return () => {
    const lines = Buffer.concat(chunks)
      .toString('utf8')
      .split('\n')
      .filter((line) => line.trim() !== '');
    const more = lines.length > most || size > bytes ? ['…'] : [];
    return [...lines.slice(0, most), ...more];
  };
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing of it is left.
  }
}
