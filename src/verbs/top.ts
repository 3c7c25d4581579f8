/** `top`: the listing, live, on the whole terminal. */

import { parseArgs } from 'node:util';
import { keysOf } from '../terminal/keys.js';
import { newView, pressKey, screen, type View } from '../terminal/top.js';
import { type Command, done, usage } from './command.js';
import { type DaemonClient, daemonClient, statusFrom } from './daemon-client.js';
import { surfaceOf } from './surface.js';
import { timeOf } from './time.js';

/** The other screen, without a cursor, and back: see xterm's control sequences. */
const enter = '\x1b[?1049h\x1b[?25l';
const leave = '\x1b[?25h\x1b[?1049l';
const endSignals: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'];

export async function top(command: Command): Promise<number> {
  const { values } = parseArgs({ args: [...command.args], options: { every: { type: 'string', default: '1s' } } });
  const every = timeOf('--every', values.every) * 1000;
  if (process.stdin.isTTY !== true || process.stdout.isTTY !== true) {
    throw usage('top: needs a terminal; elsewhere there is list');
  }
  const client = await daemonClient(command);
  // Asked once before the terminal is taken: without a daemon there is nothing to show.
  const first = await statusFrom(client);
  await onTerminal((redraw, over) => new Top(client, every, { ...newView, status: first }, redraw, over));
  return done;
}

class Top {
  readonly #client: DaemonClient;
  readonly #every: number;
  readonly #redraw: (lines: readonly string[]) => void;
  readonly #over: () => void;
  #view: View;
  #next: NodeJS.Timeout;

  constructor(
    client: DaemonClient,
    every: number,
    view: View,
    redraw: (lines: readonly string[]) => void,
    over: () => void,
  ) {
    this.#client = client;
    this.#every = every;
    this.#view = view;
    this.#redraw = redraw;
    this.#over = over;
    this.#next = setTimeout(() => void this.#look(), every);
    this.draw();
  }

  press(text: string): void {
    for (const key of keysOf(text)) this.#view = pressKey(this.#view, key, process.stdout.rows);
    if (this.#view.isOver) this.#over();
    else this.draw();
  }

  draw(): void {
    this.#redraw(screen(this.#view, { ...surfaceOf(process.stdout), rows: process.stdout.rows }));
  }

  close(): void {
    clearTimeout(this.#next);
    this.#view = { ...this.#view, isOver: true };
  }

  async #look(): Promise<void> {
    if (!this.#view.isPaused) {
      // Whatever keeps the daemon from answering may pass.
      const change = await statusFrom(this.#client).then(
        (status) => ({ status, trouble: null }),
        (error: Error) => ({ trouble: error.message }),
      );
      if (this.#view.isOver) return;
      this.#view = { ...this.#view, ...change };
      this.draw();
    }
    this.#next = setTimeout(() => void this.#look(), this.#every);
  }
}

/** Takes the terminal, and gives it back as it was however this ends. */
async function onTerminal(make: (redraw: (lines: readonly string[]) => void, over: () => void) => Top): Promise<void> {
  const { stdin, stdout } = process;
  let isTaken = true;
  const giveBack = (): void => {
    if (!isTaken) return;
    isTaken = false;
    stdin.setRawMode(false);
    stdout.write(leave);
  };
  let over = (): void => {};
  const ended = new Promise<void>((resolve) => {
    over = resolve;
  });
  // Before anything is changed, and until it is as it was: a signal that nobody listens to ends the process at once.
  for (const name of endSignals) process.on(name, over);
  // Also where an error that nobody foresaw ends the process.
  process.once('exit', giveBack);
  stdin.setRawMode(true);
  stdout.write(enter);
  const redraw = (lines: readonly string[]): void => {
    // From the first place on, each line to its end cleared, and what is below: nothing flickers.
    if (isTaken) stdout.write(`\x1b[H${lines.map((line) => `${line}\x1b[K`).join('\r\n')}\x1b[J`);
  };
  const top = make(redraw, over);
  try {
    stdin.setEncoding('utf8').on('data', (text: string) => top.press(text));
    stdin.on('end', over);
    stdout.on('resize', () => top.draw());
    await ended;
  } finally {
    top.close();
    stdin.pause();
    giveBack();
    for (const name of endSignals) process.off(name, over);
  }
}
