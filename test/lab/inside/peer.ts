/** Programs of these tests that run in a namespace and are talked to. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

/** Milliseconds for a program to start and for an answer. */
const patience = 30_000;

export class Peer {
  readonly child: ChildProcess;
  readonly #gone: Promise<unknown>;

  private constructor(t: TestContext, namespace: string | null, script: string, args: readonly string[]) {
    const path = fileURLToPath(new URL(`${script}.js`, import.meta.url));
    // ip(8) becomes the program, so that the child is the program itself.
    const [command = '', ...rest] = [
      ...(namespace === null ? [] : ['ip', 'netns', 'exec', namespace]),
      process.execPath,
      path,
      ...args,
    ];
    this.child = spawn(command, rest, {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#gone = once(this.child, 'exit');
    t.after(() => this.kill());
  }

  /** Settles when the program has said its first word. Without a namespace it runs in the guest's own. */
  static async start(t: TestContext, namespace: string | null, script: string, ...args: string[]): Promise<Peer> {
    const peer = new Peer(t, namespace, script, args);
    await once(peer.child, 'message', { signal: AbortSignal.timeout(patience) });
    return peer;
  }

  /** What the program answers: one question at a time. */
  async ask(question: object | string, within = patience): Promise<unknown> {
    const answer = once(this.child, 'message', { signal: AbortSignal.timeout(within) });
    this.child.send(question);
    const [message] = await answer;
    return message;
  }

  /** As a machine dies: without a word. Settles when it is dead. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.#gone;
  }
}
