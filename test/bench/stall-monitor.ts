/** Loaded into a program by `--import`: writes down how long the event loop of its main thread stands still. */

import { appendFile } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';
import { stallLine, stallVariable } from './stalls.js';

/** Milliseconds. */
const resolution = 10;
const report = 500;

const file = process.env[stallVariable];
if (isMainThread && file !== undefined) {
  const delay = monitorEventLoopDelay({ resolution });
  delay.enable();
  setInterval(() => {
    // What it counts is the time from one look to the next.
    const stall = Math.max(0, delay.max / 1e6 - resolution);
    delay.reset();
    appendFile(file, stallLine(Date.now(), stall), () => {});
  }, report).unref();
}
