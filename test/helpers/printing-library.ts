/**
 * A pool whose check asks a MySQL server that makes the library for it print a trace: a length whose first byte is none
 * of the protocol's (MySQL internals, "Length-Encoded Integers"). Prints what came of the check; as a program of its
 * own, for what else is printed.
 */

import { CheckPool } from '../../src/checks/pool.js';
import { checkOf } from './check.js';
import { until } from './deadline.js';
import { policyOf } from './policy.js';
import { startTcpServer } from './tcp-server.js';

function packet(number: number, ...parts: (string | readonly number[])[]): Buffer {
  const payload = Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))),
  );
  const head = Buffer.alloc(4);
  head.writeUIntLE(payload.length, 0, 3);
  head.writeUInt8(number, 3);
  return Buffer.concat([head, payload]);
}

const ten = Array.from({ length: 10 }, () => 0);
const greeting = packet(
  0,
  [10],
  '8.0.30\0',
  [1, 0, 0, 0],
  'abcdefgh\0',
  [0xff, 0xf7, 0x21, 2, 0, 0xff, 0xc1, 21],
  ten,
  'ijklmnopqrst\0mysql_native_password\0',
);
const answers = [packet(2, [0, 0, 0, 2, 0, 0, 0]), packet(1, [0, 0xff, 0, 2, 0, 0, 0])];

const server = await startTcpServer((socket) => {
  const left = [...answers];
  socket.write(greeting);
  socket.on('data', () => socket.write(left.shift() ?? ''));
  socket.on('end', () => socket.end());
});
const reasons: string[] = [];
const pool = new CheckPool({
  limits: { workers: 1, inFlight: 10, jitter: 0, descriptors: 1024 },
  onResult: (_, { reason }) => reasons.push(reason),
  onSums: () => {},
  onReplaced: (_worker, _checks, reason) => reasons.push(`replaced: ${reason}`),
});
const check = checkOf({ service: 'mysql', port: server.port, login: 'u', request: 'SELECT 1', interval: 60_000 });
pool.update(new Map([['mysql', { check, interest: { policy: policyOf(), every: true } }]]));
await until('the check has a result', () => reasons.length > 0);
await pool.close();
await server.close();
process.stdout.write(reasons.join('\n'));
