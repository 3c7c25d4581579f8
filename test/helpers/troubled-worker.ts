/** A worker like the product's, in which a check can hang or end the thread: its request says how, and the file that says it was done. */

import { existsSync, writeFileSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import type { Order } from '../../src/checks/messages.js';
import { receivedCheck } from '../../src/probes/server-check.js';
import '../../src/checks/worker-thread.js';

parentPort?.on('message', (order: Order) => {
  if (order.type !== 'begin') return;
  for (const { check } of order.checks) {
    const [, what, done] = /^(hang|throw|exit) (.*)$/.exec(receivedCheck(check).request) ?? [];
    if (what === undefined || done === undefined || existsSync(done)) continue;
    // Once, and after the checks have begun.
    setTimeout(() => {
      writeFileSync(done, '');
      trouble(what);
    }, 300);
  }
});

function trouble(what: string): void {
  if (what === 'throw') throw new Error('a defect of a library');
  if (what === 'exit') process.exit(7);
  for (;;);
}
