/** Loaded into a program by `--import`: writes down how long the event loop of its main thread stands still, and why. */

import { openSync, readSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { isMainThread } from 'node:worker_threads';
import { type Longest, parseScheduled, stallLine, stallOf, stallVariable } from './stalls.js';

/** Milliseconds. */
const resolution = 10;
const report = 500;

const none: Longest = { stall: 0, running: 0, waiting: 0, ownLongest: 0, ranLongest: 0 };

const file = process.env[stallVariable];
if (isMainThread && file !== undefined) watch(file);

function watch(file: string): void {
  // Opened once, it stays that of this thread.
  const descriptor = openSync('/proc/thread-self/schedstat', 'r');
  const buffer = Buffer.alloc(128);
  const scheduled = () => parseScheduled(buffer.toString('latin1', 0, readSync(descriptor, buffer, 0, 128, 0)));
  let longest = none;
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
    const ownLongest = Math.max(longest.ownLongest, own);
    const ranLongest = Math.max(longest.ranLongest, stall.running);
    longest = { ...(stall.stall > longest.stall ? stall : longest), ownLongest, ranLongest };
  }, resolution).unref();
  setInterval(() => {
    const line = stallLine(Date.now(), longest);
    longest = none;
    appendFile(file, line).catch(() => {});
  }, report).unref();
}
