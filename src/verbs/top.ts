/** `top`: the listing, live, on the whole terminal. */

import { parseArgs } from 'node:util';
import { keysOf } from '../terminal/keys.js';
import { pressKey, screen } from '../terminal/top.js';
import { newView, takeOutcome, takeStatus, type View } from '../terminal/top-view.js';
import { type Command, done, usage } from './command.js';
import { type DaemonClient, daemonClient, statusFrom } from './daemon-client.js';
import { carryOut } from './errands.js';
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
  // Whoever ends it waits for no answer.
  const ended = new AbortController();
  const client = await daemonClient(command, ended.signal);
  // Asked once before the terminal is taken: without a daemon there is nothing to show.
  const first = await statusFrom(client);
  await onTerminal((redraw, over) => new Top(client, every, { ...newView, status: first }, redraw, over));
  ended.abort();
  return done;
}

class Top {
  readonly #client: DaemonClient;
  readonly #every: number;
  readonly #redraw: (lines: readonly string[]) => void;
  readonly #over: () => void;
  #view: View;
  #next: NodeJS.Timeout | undefined;
  #isLooking = false;

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
    this.#lookIn(every);
    this.draw();
  }

  press(text: string): void {
    for (const key of keysOf(text)) {
      this.#view = pressKey(this.#view, key, process.stdout.rows);
      void this.#run();
    }
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

  /** Asks the daemon for what a key asked for; the screen goes on meanwhile. */
  async #run(): Promise<void> {
    const { errand } = this.#view;
    if (errand === null) return;
    this.#view = { ...this.#view, errand: null, underWay: errand };
    const outcome = await carryOut(errand, this.#client);
    if (this.#view.isOver) return;
    this.#view = takeOutcome(this.#view, errand, outcome);
    this.draw();
    // What was done is to be seen.
    if (!this.#isLooking) this.#lookIn(0);
  }

  async #look(): Promise<void> {
    if (!this.#view.isPaused) {
      // Whatever keeps the daemon from answering may pass.
      this.#isLooking = true;
      const found = await statusFrom(this.#client).catch((error: Error) => error);
      this.#isLooking = false;
      if (this.#view.isOver) return;
      this.#view = found instanceof Error ? { ...this.#view, trouble: found.message } : takeStatus(this.#view, found);
      this.draw();
    }
    this.#lookIn(this.#every);
  }

  #lookIn(milliseconds: number): void {
    clearTimeout(this.#next);
    this.#next = setTimeout(() => void this.#look(), milliseconds);
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
