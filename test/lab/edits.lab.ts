/**
 * A file that is edited twenty times a second, every third version broken. For a few seconds; for longer with
 * `npm run lab -- env EDIT_SECONDS=60 node --test build/test/lab/edits.lab.js`.
 */

import assert from 'node:assert/strict';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { descriptors, heapBytes, heapEnvironment, residentBytes } from './inside/consumption.js';
import { eventually } from './inside/eventually.js';
import { hexadecimal, weights } from './inside/table.js';
import { configure, end, fileOf, pidOf, ours as program, statusOf, type Verbs } from './inside/verbs.js';

const name = 'edits.cf';
const log = `/var/log/ldirectord.${name}.log`;
const seconds = Number(process.env['EDIT_SECONDS'] ?? 10);
const editsInSecond = 20;
const service = '192.0.2.1:80';
const server = '10.1.0.1:80';
/** A version that somebody holds on to costs some hundred kilobytes. */
const otherServers = 200;
const megabyte = 1024 * 1024;
/** Bytes of the heap over what the first edits took. */
const room = 1.5 * megabyte;
/** Files that happen to be open at the moment. */
const openAtOnce = 5;
const ours: Verbs = ['env', heapEnvironment, ...program];

/** The weight of the one server tells which version rules. */
function version(number: number): string {
  const others = Array.from({ length: otherServers }, (_, n) => `\treal=10.2.${n >> 8}.${n & 255}:80 masq\n`);
  const broken = isBroken(number) ? `${fault(number)}=1\n` : '';
  return `autoreload=yes\nlogfile="${log}"\n${broken}virtual=${service}\n\treal=${server} masq ${number}\n${others.join('')}\tchecktype=on\n`;
}

/** The log names it: one that is like others would be told once, with a count. */
function fault(number: number): string {
  return `bogus${number}`;
}

function isBroken(number: number): boolean {
  return number % 3 === 0;
}

/** In place, or by rename, as editors do it. */
async function edit(number: number): Promise<void> {
  if (number % 2 === 0) {
    await writeFile(fileOf(name), version(number));
    return;
  }
  await writeFile(`${fileOf(name)}.new`, version(number));
  await rename(`${fileOf(name)}.new`, fileOf(name));
}

/** Zero where the service or the server does not stand. */
function rulingVersion(): number {
  return (
    weights()
      .get(`TCP ${hexadecimal(service)}`)
      ?.get(hexadecimal(server)) ?? 0
  );
}

test('twenty edits a second, every third broken: the last good one rules, and nothing grows', async (t) => {
  await configure(name, version(1));
  assert.equal(await statusOf(ours, name, 'start'), 0);
  t.after(() => end(name));
  const pid = await pidOf(name);
  assert.ok(pid !== null);
  assert.equal(rulingVersion(), 1);

  const seen = [1];
  // Two behind a broken one: a good one after a good one.
  const last = Math.floor((seconds * editsInSecond) / 3) * 3 + 2;
  const early = { number: Math.ceil(last / 4), descriptors: 0, heap: 0 };
  const begin = performance.now();
  for (let number = 2; number <= last; number += 1) {
    await edit(number);
    seen.push(rulingVersion());
    if (number === early.number) Object.assign(early, await consumption(pid));
    // A machine that is too slow for it makes the edits fewer in a second, not the test fail.
    await sleep(Math.max(0, begin + (number / editsInSecond) * 1_000 - performance.now()));
  }
  t.diagnostic(`${last} edits in ${((performance.now() - begin) / 1_000).toFixed(1)} s`);
  await eventually('the last version rules', () => rulingVersion() === last);
  await edit(last + 1);
  await eventually('the broken one is turned down', async () =>
    (await readFile(log, 'utf8')).includes(fault(last + 1)),
  );
  assert.equal(rulingVersion(), last);
  assert.equal(await pidOf(name), pid);

  // Never an empty table, a broken version or one that was replaced before.
  assert.deepEqual(
    seen.filter((number, index) => number === 0 || isBroken(number) || number < (seen[index - 1] ?? 0)),
    [],
  );
  const versions = new Set(seen).size;
  assert.ok(versions > 3, `only ${versions} of ${last} versions were seen to rule`);

  const late = await consumption(pid);
  const inMegabytes = (bytes: number): string => `${(bytes / megabyte).toFixed(1)} MB`;
  t.diagnostic(`${versions} versions seen to rule; resident ${inMegabytes(await residentBytes(pid))}`);
  t.diagnostic(`descriptors ${early.descriptors} after a quarter, ${late.descriptors} at the end`);
  t.diagnostic(`heap ${inMegabytes(early.heap)} after a quarter, ${inMegabytes(late.heap)} at the end`);
  assert.ok(late.descriptors <= early.descriptors + openAtOnce, `${late.descriptors} after ${early.descriptors}`);
  assert.ok(late.heap <= early.heap + room, `${late.heap} after ${early.heap}`);
});

async function consumption(pid: number): Promise<{ readonly descriptors: number; readonly heap: number }> {
  return { descriptors: await descriptors(pid), heap: await heapBytes(pid) };
}
