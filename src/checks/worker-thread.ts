/** A worker in a thread of its own, which somebody gives up where it hangs or dies. */

import { parentPort, workerData } from 'node:worker_threads';
import { holdProcessesIn } from '../probes/programs/held-processes.js';
import { releaseKept } from '../probes/release.js';
import { holdDescriptorsIn } from '../system/held-descriptors.js';
import type { Beginning, Order, Report } from './messages.js';
import { work } from './worker.js';

function begin(port: NonNullable<typeof parentPort>, beginning: Beginning): void {
  holdProcessesIn(beginning.processes);
  holdDescriptorsIn(beginning.descriptors);
  const tell = (report: Report): void => port.postMessage(report);
  const obey = work({ tell, release: releaseKept, onClosed: () => port.close() }, beginning);
  port.on('message', (order: Order) => obey(order));
}

if (parentPort !== null) begin(parentPort, workerData as Beginning);
