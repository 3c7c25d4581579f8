/** Loaded into a program by `--import`: writes down how long the event loop of its main thread stands still, and why. */

import { openSync, readSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { isMainThread } from 'node:worker_threads';
import { parseScheduled, type Stall, stallLine, stallOf, stallVariable } from './stalls.js';

/** Milliseconds. */
const resolution = 10;
const report = 500;

const none: Stall = { stall: 0, running: 0, waiting: 0 };

const file = process.env[stallVariable];
if (isMainThread && file !== undefined) watch(file);

function watch(file: string): void {
  // Opened once, it stays that of this thread.
  const descriptor = openSync('/proc/thread-self/schedstat', 'r');
  const buffer = Buffer.alloc(128);
  const scheduled = () => parseScheduled(buffer.toString('latin1', 0, readSync(descriptor, buffer, 0, 128, 0)));
  let [longest, ownLongest] = [none, 0];
  let [lookedAt, before] = [performance.now(), scheduled()];
  setInterval(() => {
    const [now, after] = [performance.now(), scheduled()];
    const passed = {
      stall: now - lookedAt,
      running: after.running - before.running,
      waiting: after.waiting - before.waiting,
    };
    [lookedAt, before] = [now, after];
    const { own, ...stall } = stallOf(passed, resolution);
    if (stall.stall > longest.stall) longest = stall;
    ownLongest = Math.max(ownLongest, own);
  }, resolution).unref();
  setInterval(() => {
    const line = stallLine(Date.now(), longest, ownLongest);
    [longest, ownLongest] = [none, 0];
    appendFile(file, line).catch(() => {});
  }, report).unref();
}
