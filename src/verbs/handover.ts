/** `handover`: sends clients to other directors, and on request waits until hardly any new one comes. */

import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { HandoverAnswer } from '../directors/handover.js';
import type { AnnouncementStatus } from '../status/model.js';
import { span } from '../terminal/figures.js';
import { cut } from '../terminal/fitting.js';
import { printable } from '../terminal/printable.js';
import { type Command, done, failed, usage } from './command.js';
import { type DaemonClient, daemonClient, isAway, statusFrom } from './daemon-client.js';
import { NewConnections } from './new-connections.js';
import { surfaceOf } from './surface.js';
import { timeOf } from './time.js';
import { askFor, leaveIt, wishOf, wishOptions } from './wish.js';

/** Milliseconds between two looks. */
const pause = 500;
/** Milliseconds for which a daemon may be away, as while it is restarted. */
const longestAbsence = 60_000;
/** New connections in a second. */
const few = 1;

export async function handover(command: Command): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...command.args],
    allowPositionals: true,
    options: {
      ...wishOptions,
      undo: { type: 'boolean', default: false },
      wait: { type: 'boolean', default: false },
      below: { type: 'string' },
      timeout: { type: 'string' },
    },
  });
  if (positionals.length > 0) throw usage(`handover: takes no argument: '${positionals[0]}'`);
  const timeout = timeOf('--timeout', values.timeout);
  const below = values.below === undefined ? few : Number(values.below);
  if (!(below > 0)) throw usage(`handover: --below must be connections a second, above 0: '${values.below}'`);
  if (!values.wait && (values.timeout ?? values.below) !== undefined) {
    throw usage('handover: --below and --timeout need --wait');
  }
  if (values.undo && (values.wait || values.force))
    throw usage('handover: --undo waits for nothing, and needs no --force');
  const { undo } = values;
  const wish = wishOf('handover', values);
  const client = await daemonClient(command);
  const answer = await askFor<HandoverAnswer>(client, 'handover', { undo, ...wish }, 'Hand it over?');
  if (answer === null) return leaveIt('handover');
  const isDone = say(answer);
  if (!values.wait) return isDone ? done : failed;
  const found = await waitForFew(client, below, timeout === undefined ? null : timeout * 1_000);
  if (found === null) throw new Error('handover: this backend counts no connections: nobody can wait for them');
  process.stdout.write(`${rateText(found)}\n`);
  return isDone && found < below ? done : failed;
}

/** A line for each address; gives whether whoever announces them has been told. */
function say({ handover: asked, announcements, notes }: HandoverAnswer): boolean {
  for (const announcement of announcements) {
    const { address, fault } = announcement;
    const line = printable(`${address}: ${fault ?? stateText(announcement)}`);
    if (fault === null) process.stdout.write(`${line}\n`);
    else process.stderr.write(`ldirectord: handover: ${line}\n`);
  }
  if (announcements.length === 0) process.stdout.write(asked === null ? 'taken back\n' : 'handed over\n');
  for (const note of notes) process.stderr.write(`ldirectord: ${printable(note)}\n`);
  return announcements.every(({ fault }) => fault === null);
}

function stateText({ announced, by, why }: AnnouncementStatus): string {
  if (announced === null) return `not announced: ${why}`;
  if (announced === 'leaving')
    return by.startsWith('address ') ? 'handed over, withdrawn' : `handed over, as the last way to it (${by})`;
  return announced === 'well' ? `announced (${by})` : `announced though it is not healthy (${by})`;
}

/** New connections in a second, once they are few or the time is over; null where nobody counts them. */
async function waitForFew(client: DaemonClient, below: number, timeout: number | null): Promise<number | null> {
  const began = performance.now();
  const counted = new NewConnections();
  let rate = Number.POSITIVE_INFINITY;
  let seen = began;
  for (;;) {
    try {
      const status = await statusFrom(client);
      seen = performance.now();
      const found = counted.at(status, seen);
      if (found === null) return null;
      rate = found;
      showProgress(rate, seen - began);
      if (rate < below) break;
    } catch (error) {
      if (!isAway(error) || performance.now() - seen > longestAbsence) throw error;
    }
    if (timeout !== null && performance.now() - began >= timeout) break;
    await sleep(timeout === null ? pause : Math.min(pause, Math.max(1, began + timeout - performance.now())));
  }
  if (process.stderr.isTTY === true) process.stderr.write('\r\x1b[K');
  return rate;
}

function rateText(rate: number): string {
  if (rate === Number.POSITIVE_INFINITY) return 'it was not counted for long enough how many new connections come';
  return rate === 0 ? 'no new connection comes' : `${rate.toFixed(1)} new connections a second`;
}

/** On a terminal alone. */
function showProgress(rate: number, elapsed: number): void {
  const { width } = surfaceOf(process.stderr);
  if (width === null) return;
  const text = rate === Number.POSITIVE_INFINITY ? 'counting' : rateText(rate);
  process.stderr.write(`\r\x1b[K${cut(`${text}, ${span(elapsed)}`, width - 1)}`);
}
