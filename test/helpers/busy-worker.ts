/** A worker like the product's that has hardly any time left; it notes its thread in the file that a check's request names. */

import { appendFileSync } from 'node:fs';
import { parentPort, threadId } from 'node:worker_threads';
import type { Order } from '../../src/checks/messages.js';
import { receivedCheck } from '../../src/probes/server-check.js';
import '../../src/checks/worker-thread.js';

/** Milliseconds. */
const period = 100;
const rest = 5;

parentPort?.on('message', (order: Order) => {
  if (order.type !== 'begin') return;
  for (const { check } of order.checks) appendFileSync(receivedCheck(check).request, `${threadId}\n`);
});

setInterval(() => {
  const end = performance.now() + period - rest;
  while (performance.now() < end);
}, period).unref();
