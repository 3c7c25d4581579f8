/**
 * Becoming a daemon. Node cannot fork, so the program starts itself once more in a session of its own, without
 * terminal or open files, and stays to hear how the start went.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { withoutDebugger } from './debugger-signal.js';

/** Marks the process that is to be the daemon; it takes the mark off. */
const mark = 'LDIRECTORD_BACKGROUND';

/** What the daemon says to the process that started it: words for its standard error, and that all is well. */
type Message = { readonly words: string } | { readonly ready: true };

export interface BackgroundOptions {
  /** The program's own arguments; paths in them are absolute. */
  readonly args: readonly string[];
  /** Milliseconds that the daemon has until it is ready. */
  readonly deadline: number;
  /** Gets the daemon's words. */
  readonly onWords: (words: string) => void;
}

/** How the start ended: with its readiness, or with the exit status of a process that gave up. */
export type BackgroundOutcome = { readonly ready: boolean; readonly code: number | null };

/** Settles when the daemon is ready, has ended, or takes longer than the deadline; then it is left to go on. */
export async function startInBackground(options: BackgroundOptions): Promise<BackgroundOutcome> {
  const { args, deadline, onWords } = options;
  const [, program = ''] = process.argv;
  const child = spawn(process.execPath, [...process.execArgv, ...withoutDebugger(), program, ...args], {
    cwd: '/',
    detached: true,
    env: { ...process.env, [mark]: '1' },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  // Whoever waits for its end gets an error as well; one may come when nobody does.
  child.on('error', () => {});
  const finished = new AbortController();
  const ready = new Promise<BackgroundOutcome>((resolve) => {
    child.on('message', (message: Message) => {
      if ('words' in message) onWords(message.words);
      else resolve({ ready: true, code: null });
    });
  });
  // `close` and not `exit`: by then its last words have been read.
  const ended = once(child, 'close').then(([code]) => ({ ready: false, code: code as number | null }));
  const late = sleep(deadline, { ready: false, code: null }, { signal: finished.signal });
  late.catch(() => {});
  try {
    return await Promise.race([ready, ended, late]);
  } finally {
    finished.abort();
    if (child.connected) child.disconnect();
    child.unref();
  }
}

/** The daemon's side: how it reaches the process that started it, until that one goes. */
export class Background {
  /** Null in a process that was not started to be a daemon. */
  static enter(): Background | null {
    if (process.env[mark] === undefined || process.send === undefined) return null;
    delete process.env[mark];
    process.umask(0o022);
    process.on('error', () => {}); // The other side may go at any time.
    return new Background();
  }

  say(words: string): void {
    this.#send({ words }, () => {});
  }

  /** All is well: nobody listens from here on. */
  ready(): void {
    this.#send({ ready: true }, leave);
  }

  /** Nobody listens any more, so that the process can end; what was said arrives. Can be called again. */
  close(): void {
    this.#send({ words: '' }, leave);
  }

  #send(message: Message, onSent: () => void): void {
    if (process.connected) process.send?.(message, undefined, {}, onSent);
  }
}

function leave(): void {
  if (process.connected) process.disconnect();
}
