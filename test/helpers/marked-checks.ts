/**
 * Runs checks with and without a mark, and writes their reasons as JSON: a program of its own, since it changes the
 * routing of the network namespace that it runs in. With `route` as its argument, packets with mark 7 have no way.
 */

import { execFileSync } from 'node:child_process';
import type { Check } from '../../src/probes/probe.js';
import { releaseKept } from '../../src/probes/release.js';
import { runProbe } from '../../src/probes/run.js';
import { checkOf } from './check.js';
import { listen } from './listener.js';
import { startUdpPeer } from './udp-server.js';

const ip = (line: string) => execFileSync('ip', line.split(' '));

if (process.argv[2] === 'route') {
  ip('link set lo up');
  ip('rule add pref 1 fwmark 7 prohibit');
  // The rule for local addresses comes first otherwise.
  ip('rule add pref 100 lookup local');
  ip('rule del pref 0');
}
const tcp = await listen((socket) => {
  socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi'));
});
const udp = await startUdpPeer('127.0.0.1', () => 'hi');
const checks: Readonly<Record<string, Partial<Check>>> = {
  connect: { type: 'connect', port: tcp.port },
  http: { service: 'http', port: tcp.port },
  simpletcp: { service: 'simpletcp', port: tcp.port, request: '/x', receive: { source: 'hi', regex: /hi/ } },
  udp: { service: 'udp', protocol: 'udp', port: udp.port, request: '/x', receive: { source: 'hi', regex: /hi/ } },
};
const reasons: Record<string, string[]> = {};
for (const [name, changes] of Object.entries(checks)) {
  reasons[name] = [];
  for (const mark of [null, 8, 7]) {
    const { reason } = await runProbe(
      checkOf({ ...changes, route: { mark, source: null, towards: null } }),
      'negotiate',
    );
    reasons[name].push(reason);
  }
}
await releaseKept();
await udp.close();
await tcp.close();
process.stdout.write(JSON.stringify(reasons));
