/** `undrain`, `weight` and `log-level`: one request each. */

import { parseArgs } from 'node:util';
import { logLevels } from '../control/director.js';
import { holdText } from '../model/override.js';
import { largestWeight } from '../overrides/by-hand.js';
import type { Steered } from '../overrides/steering.js';
import { endingOf, originOf } from '../terminal/figures.js';
import { placeText } from '../terminal/place.js';
import { printable } from '../terminal/printable.js';
import { type Command, done, failed, usage } from './command.js';
import { daemonClient } from './daemon-client.js';
import { notInTable } from './not-in-table.js';
import { timeOf } from './time.js';
import { askFor, leaveIt, wishOf, wishOptions } from './wish.js';

export async function undrain(command: Command): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...command.args],
    allowPositionals: true,
    options: { virtual: { type: 'string' }, reason: wishOptions.reason },
  });
  const [server, ...more] = positionals;
  if (server === undefined || more.length > 0) throw usage('undrain: needs one SERVER');
  const { reason, user } = wishOf('undrain', { reason: values.reason, force: false });
  const client = await daemonClient(command);
  const given = { server, virtual: values.virtual ?? null, reason, user };
  const steered = (await client.once('undrain', given)) as Steered;
  return say(client.file, 'undrain', 'undrained', steered);
}

export async function weight(command: Command): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...command.args],
    allowPositionals: true,
    options: { virtual: { type: 'string' }, for: { type: 'string' }, ...wishOptions },
  });
  const [server, text, ...more] = positionals;
  if (server === undefined || text === undefined || more.length > 0) throw usage('weight: needs SERVER and N');
  const value = text === 'file' ? null : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value !== null && !(value <= largestWeight)) {
    throw usage(`weight: N must be a whole number from 0 to ${largestWeight}, or 'file': '${text}'`);
  }
  const time = timeOf('--for', values.for);
  if (value === null && time !== undefined) throw usage('weight: --for needs a number for N');
  const wish = wishOf('weight', values);
  if (value === null && wish.reason !== null) throw usage('weight: --reason needs a number for N');
  const client = await daemonClient(command);
  const given = { server, virtual: values.virtual ?? null, weight: value, for: time, ...wish };
  const steered = await askFor(client, 'weight', given, 'Set it?');
  if (steered === null) return leaveIt('weight');
  const until = time === undefined ? null : Date.now() + time * 1000;
  const what = value === null ? 'weight as in the file' : `weight set to ${value}${endingOf({ until })}`;
  return say(client.file, 'weight', what, steered);
}

export async function logLevel(command: Command): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...command.args],
    allowPositionals: true,
    options: { for: { type: 'string' } },
  });
  const [text, ...more] = positionals;
  const words = [...logLevels, 'settings'];
  if (text === undefined || !words.includes(text) || more.length > 0) {
    throw usage(`log-level: needs one of ${words.join(', ')}`);
  }
  const time = timeOf('--for', values.for);
  const level = text === 'settings' ? null : text;
  if (level === null && time !== undefined) throw usage('log-level: --for needs a level');
  const client = await daemonClient(command);
  await client.once('log-level', { level, for: time });
  return done;
}

/** Says what was done, a line for each place, and what else is to be known; gives the exit status. */
export function say(file: string, verb: string, what: string, { servers, notes }: Steered): number {
  for (const { missing, ended, ...place } of servers) {
    // A daemon of an earlier version does not say.
    const was = ended ? `; it was ${holdText(ended, originOf(ended, Date.now()))}` : '';
    if (missing === null) process.stdout.write(`${printable(`${placeText(place)}: ${what}${was}`)}\n`);
    else process.stderr.write(notInTable(file, verb, missing));
  }
  for (const note of notes) process.stderr.write(`ldirectord: ${printable(note)}\n`);
  return servers.every(({ missing }) => missing === null) ? done : failed;
}
