/** The two programs that keep a table, each started in its way and told what to do by signals alone. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { TestContext } from 'node:test';
import { cli, Program } from '../../helpers/process.js';
import { runIn } from './command.js';
import { eventually } from './eventually.js';

/** The reference implementation, as a daemon in a namespace, or in the guest's own for null. One for each name of a file at a time. */
export class Reference {
  readonly #pid: number;

  private constructor(pid: number) {
    this.#pid = pid;
  }

  static async start(t: TestContext, namespace: string | null, file: string): Promise<Reference> {
    // It is the one to be waited for, so it goes before the tests that wait.
    await runIn(namespace, 'nice', '-n', '-5', 'ldirectord', file, 'start');
    const pidFile = `/var/run/ldirectord.${basename(file)}.pid`;
    let pid = 0;
    await eventually('the reference runs', async () => {
      pid = Number(await readFile(pidFile, 'utf8').catch(() => '0'));
      return pid > 0;
    });
    const reference = new Reference(pid);
    t.after(() => reference.#signal('SIGKILL'));
    return reference;
  }

  reload(): void {
    this.#signal('SIGHUP');
  }

  /** Settles when it has cleaned up and is gone. */
  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  /** Settles when it is gone; its table stands. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    this.#signal(signal);
    await eventually('the reference is gone', () => !this.#signal(0));
  }

  #signal(signal: NodeJS.Signals | 0): boolean {
    try {
      return process.kill(this.#pid, signal);
    } catch {
      return false;
    }
  }
}

/** The last that it wrote to its log in this guest. */
export async function referenceLog(): Promise<string> {
  const text = await readFile('/var/log/ldirectord.log', 'utf8');
  return text.split('\n').slice(-100).join('\n');
}

/** The program under test in the guest's own namespace, in the foreground. Settles when it has read its file. */
export async function startOurs(t: TestContext, file: string): Promise<Program> {
  const ours = new Program(t, process.execPath, [cli, '-d', '--backend', 'kernel', file, 'start']);
  const hasEnded = (): boolean => ours.child.exitCode !== null || ours.child.signalCode !== null;
  await eventually('it starts', () => hasEnded() || ours.text.includes('Starting Linux Director'));
  assert.ok(!hasEnded(), `it started: ${ours.text}`);
  return ours;
}

/** Settles when it has cleaned up and is gone; gives its exit status. */
export function stop(ours: Program): Promise<number | null> {
  ours.child.kill('SIGTERM');
  return ours.exit;
}
