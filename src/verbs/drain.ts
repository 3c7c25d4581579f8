/** `drain`: weight 0, and on request waiting until the connections have ended. */

import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { cut } from '../control/columns.js';
import { counted, span } from '../control/figures.js';
import type { Steered } from '../maintenance/steering.js';
import type { Status } from '../status/model.js';
import { type Command, done, failed, usage } from './command.js';
import { type DaemonClient, daemonClient, isAway, statusFrom } from './daemon-client.js';
import { say } from './steer.js';
import { surfaceOf } from './surface.js';
import { timeOf } from './time.js';

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
      wait: { type: 'boolean', default: false },
      timeout: { type: 'string' },
    },
  });
  const [server, ...more] = positionals;
  if (server === undefined || more.length > 0) throw usage('drain: needs one SERVER');
  const timeout = timeOf('--timeout', values.timeout);
  if (timeout !== undefined && !values.wait) throw usage('drain: --timeout needs --wait');
  const client = await daemonClient(command);
  const steered = (await client.once('drain', { server, virtual: values.virtual ?? null })) as Steered;
  say('drained', steered);
  if (!values.wait) return done;
  const left = await waitUntilEmpty(client, steered.servers, timeout === undefined ? null : timeout * 1000);
  if (left === 0) {
    process.stdout.write('no active connection is left\n');
    return done;
  }
  process.stderr.write(`ldirectord: drain: ${counted(left, 'active connection')} left; it stays drained\n`);
  return failed;
}

/** Settles with the connections that are left: none, or those at the end of the time. */
async function waitUntilEmpty(
  client: DaemonClient,
  servers: Steered['servers'],
  timeout: number | null,
): Promise<number> {
  const began = performance.now();
  let seen = began;
  let most = 0;
  for (;;) {
    try {
      const left = activeAt(await statusFrom(client), servers);
      seen = performance.now();
      most = Math.max(most, left);
      showProgress(left, most, seen - began);
      const isOver = timeout !== null && seen - began >= timeout;
      if (left === 0 || isOver) {
        clearProgress();
        return left;
      }
    } catch (error) {
      if (!isAway(error) || performance.now() - seen > longestAbsence) throw error;
    }
    await sleep(timeout === null ? pause : Math.min(pause, Math.max(1, began + timeout - performance.now())));
  }
}

/** A server that is not in the table has none. */
function activeAt({ virtuals }: Status, servers: Steered['servers']): number {
  const wanted = new Set(servers.map(({ protocol, virtual, server }) => `${protocol} ${virtual} ${server}`));
  let active = 0;
  for (const virtual of virtuals) {
    for (const { name, connections } of virtual.servers) {
      if (wanted.has(`${virtual.protocol} ${virtual.name} ${name}`)) active += connections?.active ?? 0;
    }
  }
  return active;
}

const barLength = 30;

/** On a terminal alone. */
function showProgress(left: number, most: number, elapsed: number): void {
  const { width } = surfaceOf(process.stderr);
  if (width === null) return;
  const filled = most === 0 ? barLength : Math.round(((most - left) / most) * barLength);
  const bar = `${'#'.repeat(filled)}${'-'.repeat(barLength - filled)}`;
  const text = `[${bar}] ${left} of ${counted(most, 'connection')} left, ${span(elapsed)}`;
  process.stderr.write(`\r\x1b[K${cut(text, width - 1)}`);
}

function clearProgress(): void {
  if (process.stderr.isTTY === true) process.stderr.write('\r\x1b[K');
}
