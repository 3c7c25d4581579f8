/** What every probe over TCP must survive, as one suite: each case with the reason that it must give. */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import type { Check, ProbeResult } from '../../src/probes/probe.js';
import { runProbe } from '../../src/probes/run.js';
import { brief, tlsOf } from './check.js';
import { until } from './deadline.js';
import { withoutLeaks } from './leaks.js';
import { type Behaviour, closedPort, flood, listen } from './listener.js';
import { stoppedServer } from './stopped-server.js';
import { startTcpBlackHole } from './tcp-black-hole.js';

export interface BadServerOptions {
  /** What a sound server says first, up to where the probe waits again; empty where the client begins. */
  readonly first: string | Buffer;
  /** The phase before the first word of the server, and the one after `first`. */
  readonly greeting: string;
  readonly next: string;
  /** Where a probe has words of its own, by the name of the case. */
  readonly reasons?: Readonly<Partial<Record<BadServer, RegExp>>>;
  /** Cases that mean nothing to a protocol. */
  readonly without?: readonly BadServer[];
}

export type BadServer =
  | 'refused'
  | 'black-holed'
  | 'stopped process'
  | 'silent'
  | 'silent halfway'
  | 'closes at once'
  | 'closes halfway'
  | 'resets at once'
  | 'garbage'
  | 'floods without a line end'
  | 'floods with lines'
  | 'silent instead of TLS'
  | 'garbage instead of TLS'
  | 'closes instead of TLS';

const garbage = Buffer.concat([Buffer.from([0x00, 0xff]), randomBytes(512), Buffer.from('\r\n')]);

/** `check` gets its port from the suite. */
export function badServerCases(name: string, check: Check, options: BadServerOptions): void {
  const { first, greeting, next, reasons = {}, without = [] } = options;
  const halfway: Behaviour = (socket) => void socket.write(first);
  const tls = tlsOf();
  const listeners: readonly (readonly [BadServer, Behaviour, RegExp, Partial<Check>?])[] = [
    ['silent', () => {}, new RegExp(`^${greeting}: not done within [\\d.]+ s$`)],
    ['silent halfway', halfway, new RegExp(`^${next}: not done within [\\d.]+ s$`)],
    ['closes at once', (socket) => socket.end(), new RegExp(`^${greeting}: .*closed by the server`)],
    ['closes halfway', closesAfter(first), new RegExp(`^${next}: .*closed by the server`)],
    ['resets at once', (socket) => socket.resetAndDestroy(), new RegExp(`^(connect|${greeting}): (reset|closed)`)],
    ['garbage', (socket) => socket.end(garbage), new RegExp(`^${greeting}: `)],
    ['floods without a line end', floods('x'.repeat(4096)), new RegExp(`^${greeting}: `)],
    ['floods with lines', floods('220-more and more\r\n'.repeat(100)), new RegExp(`^(${greeting}|${next}): `)],
    ['silent instead of TLS', () => {}, /^tls: not done within [\d.]+ s$/, { tls }],
    ['garbage instead of TLS', (socket) => socket.end(garbage), /^tls: /, { tls }],
    ['closes instead of TLS', (socket) => socket.end(), /^tls: .*closed by the server/, { tls }],
  ];
  const wanted = (one: BadServer) => !without.includes(one);

  describe(`${name}, bad servers`, () => {
    for (const [one, behave, reason, changes] of listeners.filter(([one]) => wanted(one))) {
      it(one, async () => {
        const server = await listen(behave);
        try {
          // Only a server that says nothing is to be waited for until the end.
          const asked = { ...check, ...changes, port: server.port };
          const expected = reasons[one] ?? reason;
          if (one.startsWith('silent')) await downInTime(asked, expected);
          else assert.match((await down(asked)).reason, expected);
          await until('no connection is left', () => server.connections() === 0);
          assert.ok(server.accepted() > 0, 'the probe never came');
        } finally {
          await server.close();
        }
      });
    }

    it('refused', async () => {
      const { reason } = await down({ ...check, port: await closedPort() });
      assert.match(reason, reasons['refused'] ?? /^connect: refused \(ECONNREFUSED\)$/);
    });

    it('black-holed', async () => {
      const server = await startTcpBlackHole();
      try {
        await downInTime(
          { ...check, port: server.port },
          reasons['black-holed'] ?? /^connect: no answer within [\d.]+ s$/,
        );
      } finally {
        await server.close();
      }
    });

    it('stopped process', async () => {
      const server = await stoppedServer();
      try {
        const expected = reasons['stopped process'] ?? new RegExp(`^${greeting}: not done within [\\d.]+ s$`);
        await downInTime({ ...check, port: server.port }, expected);
      } finally {
        await server.close();
      }
    });
  });
}

async function down(check: Check): Promise<ProbeResult> {
  const result = await withoutLeaks(() => runProbe(check, 'negotiate'));
  assert.equal(result.ok, false, result.reason);
  return result;
}

/**
 * Down at the deadline, in the phase that it is stuck in. A busy machine may take longer than a brief deadline to get
 * there, and then gets more time.
 */
async function downInTime(check: Check, expected: RegExp): Promise<void> {
  let reason = '';
  for (const factor of [1, 4, 16]) {
    const negotiateTimeout = factor * brief;
    ({ reason } = await down({ ...check, negotiateTimeout }));
    if (expected.test(reason)) {
      if (/ within /.test(reason)) assert.match(reason, new RegExp(` within ${negotiateTimeout / 1000} s$`));
      return;
    }
  }
  assert.match(reason, expected);
}

function closesAfter(first: string | Buffer): Behaviour {
  return (socket) => {
    if (first === '') socket.once('data', () => socket.end());
    else socket.end(first);
  };
}

function floods(piece: string): Behaviour {
  return (socket) => flood(socket, () => socket.write(piece));
}
