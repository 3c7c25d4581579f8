/** `undrain`, `weight` and `log-level`: one request each. */

import { parseArgs } from 'node:util';
import { logLevels } from '../control/director.js';
import { largestWeight } from '../maintenance/orders.js';
import type { Steered } from '../maintenance/steering.js';
import { printable } from '../status/printable.js';
import { type Command, done, usage } from './command.js';
import { daemonClient } from './daemon-client.js';
import { timeOf } from './time.js';

export async function undrain(command: Command): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...command.args],
    allowPositionals: true,
    options: { virtual: { type: 'string' } },
  });
  const [server, ...more] = positionals;
  if (server === undefined || more.length > 0) throw usage('undrain: needs one SERVER');
  const client = await daemonClient(command);
  say('undrained', (await client.once('undrain', { server, virtual: values.virtual ?? null })) as Steered);
  return done;
}

export async function weight(command: Command): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...command.args],
    allowPositionals: true,
    options: { virtual: { type: 'string' }, for: { type: 'string' } },
  });
  const [server, text, ...more] = positionals;
  if (server === undefined || text === undefined || more.length > 0) throw usage('weight: needs SERVER and N');
  const value = text === 'file' ? null : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value !== null && !(value <= largestWeight)) {
    throw usage(`weight: N must be a whole number from 0 to ${largestWeight}, or 'file': '${text}'`);
  }
  const client = await daemonClient(command);
  const given = { server, virtual: values.virtual ?? null, weight: value, for: timeOf('--for', values.for) };
  const steered = (await client.once('weight', given)) as Steered;
  say(value === null ? 'has the weight of the file' : `has weight ${value}`, steered);
  return done;
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
  const client = await daemonClient(command);
  await client.once('log-level', {
    level: text === 'settings' ? null : text,
    for: timeOf('--for', values.for),
  });
  return done;
}

/** What was done, a line for each place, and what else is to be known. */
export function say(what: string, { servers, notes }: Steered): void {
  for (const { server, virtual, protocol } of servers) {
    process.stdout.write(`${printable(`${server} (${protocol} ${virtual}): ${what}`)}\n`);
  }
  for (const note of notes) process.stderr.write(`ldirectord: ${printable(note)}\n`);
}
