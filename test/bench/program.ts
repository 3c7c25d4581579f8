/** A program that is measured or measures: on processors of its own, read line by line, gone in the end. */

import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { treeOf } from './processes.js';

export interface Line {
  readonly text: string;
  /** Milliseconds of performance.now() when it was read. */
  readonly at: number;
}

export interface ProgramOptions {
  readonly command: readonly [string, ...string[]];
  readonly cores: readonly number[];
  readonly env?: NodeJS.ProcessEnv;
  /** A descriptor for standard output; otherwise it is read as lines, as standard error is. */
  readonly stdout?: number;
}

/** Milliseconds in which a program that is told to ends by itself: keepalived takes ten thousand entries out first. */
const patience = 20_000;
const kept = 40;

export class Program {
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<string>;
  #ended: string | null = null;
  readonly #listeners = new Set<(line: Line) => void>();
  /** The last ones, for messages. */
  readonly #last: string[] = [];

  constructor({ command, cores, env = {}, stdout }: ProgramOptions) {
    this.#name = command[0];
    // It dies with us even where we are killed, and leads a group of its own: a Ctrl-C is ours alone.
    const args = ['--pdeathsig', 'KILL', 'taskset', '-c', cores.join(','), ...command];
    const child = spawn('setpriv', args, {
      stdio: ['ignore', stdout ?? 'pipe', 'pipe'],
      detached: true,
      env: { ...process.env, ...env },
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) if (stream) this.#read(stream);
    this.#exited = new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => resolve(`exit ${code ?? signal}`));
    });
    void this.#exited.then((how) => {
      this.#ended = how;
    });
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`${this.#name} did not start`);
    return this.#child.pid;
  }

  /** Calls back for each line from now on; the function returned ends that. */
  onLine(listener: (line: Line) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Waits until so many lines to come match; rejects when the program ends, or after so many milliseconds. */
  async lines(pattern: RegExp, count: number, milliseconds: number): Promise<Line[]> {
    const found: Line[] = [];
    const stop = this.onLine((line) => {
      if (pattern.test(line.text)) found.push(line);
    });
    const deadline = performance.now() + milliseconds;
    try {
      while (found.length < count) {
        const late = performance.now() > deadline ? `${found.length} of ${count} lines ${pattern} in time` : null;
        const why = this.#ended ?? late;
        if (why !== null) throw new Error(`${this.#name}: ${why}; its last lines:\n${this.#last.join('\n')}`);
        await sleep(5);
      }
      return found;
    } finally {
      stop();
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Throws where it has ended meanwhile: what was measured of it is nothing. */
  assertRunning(): void {
    if (this.#ended !== null)
      throw new Error(`${this.#name}: ${this.#ended}; its last lines:\n${this.#last.join('\n')}`);
  }

  /** Lets it end, and kills what is left of it and its descendants. */
  async stop(): Promise<void> {
    const { pid } = this.#child;
    if (pid !== undefined && this.#ended === null) {
      this.signal('SIGTERM');
      await Promise.race([this.#exited, sleep(patience, undefined, { ref: false })]);
      if (this.#ended === null) for (const member of (await treeOf(pid)).keys()) kill(member);
    }
    await this.#exited;
    if (pid !== undefined) kill(-pid);
  }

  #read(stream: NodeJS.ReadableStream): void {
    let rest = '';
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      const at = performance.now();
      const pieces = (rest + chunk).split('\n');
      rest = pieces.pop() ?? '';
      for (const text of pieces) {
        this.#last.push(text);
        if (this.#last.length > kept) this.#last.shift();
        for (const listener of this.#listeners) listener({ text, at });
      }
    });
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Nothing of it is left.
  }
}
