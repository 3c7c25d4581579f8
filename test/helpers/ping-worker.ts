/** A thread that pings many addresses at once, and tells how many answered. */

import { parentPort, workerData } from 'node:worker_threads';
import { releaseKept } from '../../src/probes/release.js';
import { runProbe } from '../../src/probes/run.js';
import { checkOf } from './check.js';

const addresses = workerData as readonly string[];
const results = await Promise.all(addresses.map((address) => runProbe(checkOf({ type: 'ping', address }), 'connect')));
await releaseKept();
parentPort?.postMessage(results.filter(({ ok }) => ok).length);
