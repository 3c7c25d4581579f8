/** `drain`: weight 0, and on request waiting until the connections have ended. */

import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { nothingLeft, plus, sum } from '../status/left.js';
import { span } from '../terminal/figures.js';
import { cut } from '../terminal/fitting.js';
import { printable } from '../terminal/printable.js';
import { type Command, done, failed, usage } from './command.js';
import { type DaemonClient, daemonClient, isAway, statusFrom } from './daemon-client.js';
import { Elsewhere } from './elsewhere.js';
import { type Look, leftText, Remaining } from './remaining.js';
import { say } from './steer.js';
import { surfaceOf } from './surface.js';
import { timeOf } from './time.js';
import { askFor, leaveIt, wishOf, wishOptions } from './wish.js';

/** Milliseconds between two looks. */
const pause = 500;
/** Milliseconds for which a daemon may be away, as while it is restarted. */
const longestAbsence = 60_000;

export async function drain(command: Command): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...command.args],
    allowPositionals: true,
    options: {
      virtual: { type: 'string' },
      ...wishOptions,
      wait: { type: 'boolean', default: false },
      all: { type: 'boolean', default: false },
      timeout: { type: 'string' },
    },
  });
  const [server, ...more] = positionals;
  if (server === undefined || more.length > 0) throw usage('drain: needs one SERVER');
  const timeout = timeOf('--timeout', values.timeout);
  if (timeout !== undefined && !values.wait) throw usage('drain: --timeout needs --wait');
  if (values.all && !values.wait) throw usage('drain: --all needs --wait');
  const wish = wishOf('drain', values);
  const client = await daemonClient(command);
  const elsewhere = values.all ? new Elsewhere(client, { server, virtual: values.virtual ?? null }) : null;
  // Where there is no store it is said before anything is done.
  await elsewhere?.look();
  // A server can be gone by the first look after the drain, and what it had with it.
  const before = values.wait ? await statusFrom(client) : null;
  const given = { server, virtual: values.virtual ?? null, ...wish };
  const steered = await askFor(client, 'drain', given, 'Drain it?');
  if (steered === null) return leaveIt('drain');
  const status = say(client.file, 'drain', 'drained', steered);
  if (before === null) return status;
  const remaining = new Remaining(steered.servers);
  remaining.at(before);
  const patience = timeout === undefined ? null : timeout * 1000;
  const here = report(await waitUntilEmpty(client, remaining, elsewhere, patience));
  return elsewhere === null ? here : Math.max(here, elsewhere.report(tell));
}

function tell(text: string): void {
  process.stderr.write(`ldirectord: drain: ${printable(text)}\n`);
}

function report({ left, noun, open, gone, lost }: Look): number {
  for (const place of gone) tell(`${place} is not in the table, which counts nothing of it`);
  for (const place of lost) tell(`taken out of the table: ${place}`);
  for (const place of open) tell(`${place} still takes connections: the table does not have its weight 0 yet`);
  const isEmpty = sum(left) === 0 && open.length === 0;
  if (sum(left) > 0) tell(`${leftText(left)} left; it stays drained`);
  if (isEmpty && noun !== null) process.stdout.write(`no ${noun} is left\n`);
  return isEmpty && lost.length === 0 ? done : failed;
}

/** Settles with the last look: where nothing is left, or at the end of the time. */
async function waitUntilEmpty(
  client: DaemonClient,
  remaining: Remaining,
  elsewhere: Elsewhere | null,
  timeout: number | null,
): Promise<Look> {
  const began = performance.now();
  let seen = began;
  let most = 0;
  for (;;) {
    try {
      const look = remaining.at(await statusFrom(client));
      await elsewhere?.look();
      const left = plus(look.left, elsewhere?.left ?? nothingLeft);
      seen = performance.now();
      most = Math.max(most, sum(left));
      showProgress({ ...look, left }, most, seen - began);
      const isOver = timeout !== null && seen - began >= timeout;
      const isEmpty = sum(left) === 0 && look.open.length === 0 && (elsewhere?.isKnown ?? true);
      if (isEmpty || isOver) {
        clearProgress();
        return look;
      }
    } catch (error) {
      if (!isAway(error) || performance.now() - seen > longestAbsence) throw error;
    }
    await sleep(timeout === null ? pause : Math.min(pause, Math.max(1, began + timeout - performance.now())));
  }
}

const barLength = 30;

/** On a terminal alone. */
function showProgress({ left, open }: Look, most: number, elapsed: number): void {
  const { width } = surfaceOf(process.stderr);
  if (width === null) return;
  const over = most === 0 ? 1 : (most - sum(left)) / most;
  const filled = Math.round(over * barLength);
  const bar = `${'#'.repeat(filled)}${'-'.repeat(barLength - filled)}`;
  const waits = open.length > 0 ? 'not in the table yet' : `${leftText(left)} left of ${most} at most`;
  const text = `[${bar}] ${waits}, ${span(elapsed)}`;
  process.stderr.write(`\r\x1b[K${cut(text, width - 1)}`);
}

function clearProgress(): void {
  if (process.stderr.isTTY === true) process.stderr.write('\r\x1b[K');
}
