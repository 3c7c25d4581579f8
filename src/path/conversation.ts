/** What is said between us and a shell that runs a script, here or elsewhere: sudo's question, the script, its output. */

import type { Readable, Writable } from 'node:stream';
import type { Deadline } from '../system/deadline.js';
import { lastLine, overFault } from './faults.js';
import type { As, Launch } from './script.js';
import type { ShellFault, ShellResult } from './shell.js';
import { notBegun, sudoAsksAgain } from './sudo-faults.js';

/** Bytes, of both outputs together; a reading of a machine has some 50 KiB. */
export const outputBound = 4 * 1024 * 1024;

export interface Running {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Once all of its output has come: its status, or why it has none. Never rejects. */
  readonly ended: Promise<number | ShellFault>;
  /** At once, with what it has started. */
  kill(): void;
}

export interface Matter {
  /** `this machine`, `root@10.0.0.1`. */
  readonly where: string;
  readonly as: As;
  readonly launch: Launch;
  readonly script: string;
}

/** Never rejects. The process has ended, or is being ended, when it resolves. */
export async function converse(running: Running, matter: Matter, deadline: Deadline): Promise<ShellResult> {
  const result = await new Promise<ShellResult>((resolve) => {
    const onAbort = (): void => resolve({ ok: false, fault: conversation.overFault(deadline) });
    deadline.signal.addEventListener('abort', onAbort);
    const conversation = new Conversation(running, matter, (result) => {
      deadline.signal.removeEventListener('abort', onAbort);
      resolve(result);
    });
    if (deadline.signal.aborted) onAbort();
  });
  if (!result.ok) running.kill();
  return result;
}

class Conversation {
  readonly #running: Running;
  readonly #matter: Matter;
  readonly #settle: (result: ShellResult) => void;
  readonly #stdout: Output;
  readonly #stderr: Output;
  #phase: 'begin' | 'password' | 'script' = 'begin';

  constructor(running: Running, matter: Matter, settle: (result: ShellResult) => void) {
    this.#running = running;
    this.#matter = matter;
    this.#settle = settle;
    this.#stdout = new Output(matter.launch.begun);
    this.#stderr = new Output(matter.launch.begun);
    const outputs = [
      [running.stdout, this.#stdout],
      [running.stderr, this.#stderr],
    ] as const;
    for (const [stream, output] of outputs) {
      stream.on('data', (chunk: Buffer) => {
        output.take(chunk);
        this.#go();
      });
      stream.on('error', () => {});
    }
    // It need not be there any more when something is written: that it has ended is told by other means.
    running.stdin.on('error', () => {});
    void running.ended.then((end) => this.#end(end));
  }

  overFault(deadline: Deadline): ShellFault {
    const { where } = this.#matter;
    const said = lastLine(this.#heads().stderr);
    const phase = {
      begin: said === '' ? 'begin of a shell' : `begin of a shell, after "${said}"`,
      password: `sudo, after the password${said === '' ? '' : ` and "${said}"`}`,
      script: 'script',
    };
    return overFault(where, phase[this.#phase], deadline.over());
  }

  #go(): void {
    const { where, as, launch, script } = this.#matter;
    if (this.#stdout.size + this.#stderr.size > outputBound) {
      this.#fail({
        code: 'output-too-long',
        message: `${where}: more than ${outputBound / 1024 / 1024} MiB of output`,
        remedy: 'look at what its shell prints when somebody logs in, and at how many addresses and routes it has',
      });
      return;
    }
    if (this.#phase === 'script') return;
    if (this.#stdout.isBegun && this.#stderr.isBegun) {
      this.#phase = 'script';
      // Its end is kept open: it is how the script sees that we are there.
      this.#running.stdin.write(script);
      return;
    }
    if (launch.prompt === null || !as.sudo) return;
    const asked = this.#stderr.head.split(launch.prompt).length - 1;
    if (asked > 1) this.#fail(sudoAsksAgain(where));
    else if (asked === 1 && this.#phase === 'begin') {
      this.#phase = 'password';
      this.#running.stdin.write(`${as.password}\n`);
    }
  }

  #end(end: number | ShellFault): void {
    const { where, as } = this.#matter;
    if (typeof end !== 'number') this.#fail(end);
    else if (this.#phase === 'script') {
      this.#settle({ ok: true, status: end, stdout: this.#stdout.text(), stderr: this.#stderr.text() });
    } else {
      const isPasswordGiven = this.#phase === 'password';
      this.#fail(notBegun({ where, as, status: end, isPasswordGiven, ...this.#heads() }));
    }
  }

  /** What was said before there was a shell, without our question and without the answer, which a server may repeat. */
  #heads(): { readonly stdout: string; readonly stderr: string } {
    const { as, launch } = this.#matter;
    const ours = [launch.prompt, as.sudo ? as.password : null].filter((text) => text !== null);
    const clean = (text: string): string => ours.reduce((rest, word) => rest.replaceAll(word, ''), text);
    return { stdout: clean(this.#stdout.head), stderr: clean(this.#stderr.head) };
  }

  #fail(fault: ShellFault): void {
    this.#settle({ ok: false, fault });
  }
}

/** One of the two: what comes before the mark is of those who lead to the shell. */
class Output {
  readonly #begun: string;
  #chunks: Buffer[] = [];
  #head: string | null = null;
  size = 0;

  constructor(begun: string) {
    this.#begun = begun;
  }

  get isBegun(): boolean {
    return this.#head !== null;
  }

  get head(): string {
    return this.#head ?? Buffer.concat(this.#chunks).toString('utf8');
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }

  take(chunk: Buffer): void {
    this.size += chunk.length;
    this.#chunks.push(chunk);
    if (this.#head !== null) return;
    const all = Buffer.concat(this.#chunks);
    const at = all.indexOf(this.#begun);
    this.#chunks = [all];
    if (at < 0) return;
    this.#head = all.toString('utf8', 0, at);
    this.#chunks = [all.subarray(at + this.#begun.length)];
  }
}
