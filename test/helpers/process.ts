/** Programs under test: started, read line by line, and gone when the test ends. */

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const patience = 20_000;
/** Milliseconds for the last that it printed, after its end: what it has left running may hold its outputs open. */
const lastWords = 1_000;

/** What is shipped: one bundle. */
export const cli = newest('../../dist/cli.cjs', '../../src/cli.js');

/** Throws where it is older than what it was made of: tests would try what was there before. */
function newest(bundle: string, compiled: string): string {
  const [path, from] = [bundle, compiled].map((name) => fileURLToPath(new URL(name, import.meta.url))) as [
    string,
    string,
  ];
  const made = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (made < statSync(from).mtimeMs) throw new Error(`${path} is not of these sources: npm run build:all`);
  return path;
}

export interface Line {
  readonly text: string;
  /** Milliseconds of performance.now() when it was read. */
  readonly at: number;
}

export class Program {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly lines: Line[] = [];
  /** Its exit status, once what it printed has been read. */
  readonly exit: Promise<number | null>;
  #read = 0;
  /** What each stream has printed behind its last line. */
  readonly #rests = new Map<Readable, string>();

  constructor(t: TestContext, command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
    // Of its own group, so that nothing that it started outlives the test.
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env, detached: true });
    this.child = child;
    const closed = once(child, 'close').catch(() => {});
    this.exit = once(child, 'exit').then(async ([code]) => {
      await Promise.race([closed, sleep(lastWords, undefined, { ref: false })]);
      return code as number | null;
    });
    for (const stream of [child.stdout, child.stderr]) this.#collect(stream);
    t.after(async () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // Nothing of it is left.
      }
      await this.exit;
    });
  }

  get text(): string {
    return this.lines.map(({ text }) => text).join('\n');
  }

  /** The first line that matches after the last one waited for; fails with everything printed so far. */
  async line(pattern: RegExp): Promise<Line> {
    const limit = performance.now() + patience;
    while (performance.now() < limit) {
      while (this.#read < this.lines.length) {
        const line = this.lines[this.#read];
        this.#read += 1;
        if (line && pattern.test(line.text)) return line;
      }
      if (this.child.exitCode !== null) await new Promise((resolve) => setTimeout(resolve, 100));
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    throw new Error(`no line ${pattern} in:\n${this.text}`);
  }

  /** Waits for so many lines that match, in any order with others; what is printed later is waited for with `line`. */
  async count(wanted: number, pattern: RegExp): Promise<void> {
    const limit = performance.now() + patience;
    const found = () => this.lines.filter(({ text }) => pattern.test(text)).length;
    while (found() < wanted) {
      if (performance.now() > limit) throw new Error(`only ${found()} lines ${pattern} in:\n${this.text}`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    this.#read = this.lines.length;
  }

  /** Waits for a line that has no end yet, as a question on a terminal. */
  async part(pattern: RegExp): Promise<void> {
    const limit = performance.now() + patience;
    while (![...this.#rests.values()].some((rest) => pattern.test(rest))) {
      if (performance.now() > limit) throw new Error(`no ${pattern} behind:\n${this.text}`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  send(keys: string): void {
    this.child.stdin.write(keys);
  }

  #collect(stream: Readable): void {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      const pieces = ((this.#rests.get(stream) ?? '') + chunk).split('\n');
      this.#rests.set(stream, pieces.pop() ?? '');
      for (const text of pieces) this.lines.push({ text, at: performance.now() });
    });
  }
}

/** Runs `ldirectord` to its end. */
export async function ldirectord(
  t: TestContext,
  ...args: string[]
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [cli, ...args], { stdio: ['ignore', 'pipe', 'pipe'], timeout: patience });
  t.after(() => child.kill('SIGKILL'));
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  const [code] = await once(child, 'close');
  return { code: code as number | null, stdout, stderr };
}
