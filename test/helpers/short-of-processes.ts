/**
 * A process whose user may start no other one, and no thread: what its checks say of that, and what a pool of checks
 * says when it may again. As a program of its own, since it becomes another user for good.
 */

import { CheckPool } from '../../src/checks/pool.js';
import type { ProbeResult } from '../../src/probes/probe.js';
import { runProbe } from '../../src/probes/run.js';
import { checkOf } from './check.js';
import { until } from './deadline.js';
import { listen } from './listener.js';
import { policyOf } from './policy.js';
import { lower } from './resource-limits.js';

const nobody = 65534;

const server = await listen((socket) => socket.resume());
// Loaded while that is possible, with a script that lies where everybody may read.
const external = checkOf({ type: 'external', command: '/bin/true' });
const perl = checkOf({ type: 'external-perl', command: '/dev/null' });
await runProbe(external, 'negotiate');
// The limit counts for everybody but root.
if (process.getuid?.() === 0) {
  process.setgid?.(nobody);
  process.setuid?.(nobody);
}
const giveBack = lower('processes', 1);
const replaced: string[] = [];
const results: ProbeResult[] = [];
const pool = new CheckPool({
  limits: { workers: 1, inFlight: 10, jitter: 0, descriptors: 1024 },
  onResult: (_, result) => results.push(result),
  onSums: () => {},
  onReplaced: (_worker, _checks, reason) => replaced.push(reason),
});
const check = checkOf({ type: 'connect', port: server.port, interval: 100 });
pool.update(new Map([['healthy', { check, interest: { policy: policyOf(), every: false } }]]));
await until('a thread could not be started', () => replaced.length > 0);
const said = { external: await runProbe(external, 'negotiate'), perl: await runProbe(perl, 'negotiate') };
giveBack();
await until('the checks go on', () => results.length > 0);
await pool.close();
await server.close();
process.stdout.write(JSON.stringify({ ...said, healthy: results[0], replaced }));
process.exit();
