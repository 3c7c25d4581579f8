import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { Watch } from '../../src/checks/assignment.js';
import { CheckPool, type PoolOptions } from '../../src/checks/pool.js';
import type { Check, CheckResult } from '../../src/probes/probe.js';
import { TcpSocket } from '../../src/probes/sockets/tcp-socket.js';
import { makeCertificate } from '../helpers/certificate.js';
import { checkOf, receive } from '../helpers/check.js';
import { until } from '../helpers/deadline.js';
import { policyOf } from '../helpers/policy.js';
import { startTcpServer, type TcpServer } from '../helpers/tcp-server.js';

const limits = { workers: 2, inFlight: 1000, jitter: 0, descriptors: 8192 };
/** With this no thread ever begins. */
const noThread = new URL('file:///dev/null/missing.js');

function watch(changes: Partial<Check>, every = false): Watch {
  return { check: checkOf({ type: 'connect', interval: 200, ...changes }), interest: { policy: policyOf(), every } };
}

/** A pool of this thread, and what it said. */
function poolHere(options: Partial<PoolOptions> = {}) {
  const results: [string, CheckResult][] = [];
  const replaced: string[] = [];
  const sums = { ok: 0 };
  const pool = new CheckPool({
    limits,
    here: true,
    onResult: (key, result) => results.push([key, result]),
    onSums: ({ ok }) => {
      sums.ok += ok;
    },
    onReplaced: (_worker, _checks, reason) => replaced.push(reason),
    ...options,
  });
  return { pool, results, replaced, sums, of: (key: string) => results.filter(([name]) => name === key) };
}

describe('checks in the thread that keeps the table', () => {
  let server: TcpServer;
  before(async () => {
    server = await startTcpServer(() => {});
  });
  after(() => server.close());

  it('run without a thread of their own where they are few, and none of them can take long', async () => {
    const { pool, results, replaced, sums } = poolHere({ entry: noThread });
    try {
      pool.update(new Map(['a', 'b', 'c'].map((key) => [key, watch({ port: server.port })])));
      await until('sums of several rounds', () => sums.ok >= 12);
      assert.equal(results.length, 3, 'what is no news is not told');
      assert.equal((await pool.runNow('b'))?.reason, 'connect: accepted');
      assert.ok(((await pool.account('b'))?.ok ?? 0) >= 4);
      pool.update(new Map([['b', watch({ port: server.port })]]));
      assert.equal(pool.tally('a'), null);
      assert.ok((pool.tally('b')?.streak ?? 0) >= 4);
      assert.deepEqual(replaced, []);
    } finally {
      await pool.close();
    }
    await until('no connection is left', () => server.sockets.size === 0);
  });

  it('go on in a thread, with what they came to, when one that may take long comes', async () => {
    const { pool, of, sums } = poolHere();
    try {
      const known = new Map([['a', watch({ port: server.port })]]);
      pool.update(known);
      await until('sums of several rounds', () => sums.ok >= 5);
      const streak = pool.tally('a')?.streak ?? 0;
      pool.update(new Map([...known, ['b', watch({ type: 'external', command: '/bin/true' })]]));
      await until('the new one has a result', () => of('b').length > 0);
      await until('the old one goes on', () => (pool.tally('a')?.streak ?? 0) > streak + 2);
      assert.ok(of('a').every(([, { ok }]) => ok === true));
      const [, [, told] = ['', undefined]] = of('a');
      assert.ok((told?.streak ?? 0) > streak, 'nothing of it begins anew');
    } finally {
      await pool.close();
    }
  });

  it('are more than a few where they would take a share of the time', async () => {
    const { pool, replaced } = poolHere({ entry: noThread });
    try {
      const many = Array.from({ length: 300 }, (_, index) => [`${index}`, watch({ port: server.port })] as const);
      pool.update(new Map(many));
      await until('threads are begun', () => replaced.length > 0);
    } finally {
      await pool.close();
    }
  });

  it('leave for a thread when a server leads them to TLS, and have their result from there', async () => {
    const { key, cert } = makeCertificate();
    const secure = createSecureServer({ key, cert }, (_request, response) => response.end('under TLS'));
    await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
    const location = `https://127.0.0.1:${(secure.address() as AddressInfo).port}/`;
    const plain = createServer((_request, response) => response.writeHead(302, { location }).end());
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    const { pool, results, of } = poolHere();
    try {
      const { port } = plain.address() as AddressInfo;
      const led = watch({ type: 'negotiate', port, receive: receive('under TLS'), interval: 3_600_000 });
      pool.update(new Map([['led', led], ...['a', 'b'].map((name) => [name, watch({ port: server.port })] as const)]));
      await until('all have a result', () => ['led', 'a', 'b'].every((name) => of(name).length > 0));
      assert.ok(
        results.every(([, { ok }]) => ok === true),
        JSON.stringify(results),
      );
    } finally {
      await pool.close();
      plain.close();
      secure.close();
      secure.closeAllConnections();
    }
  });

  it('end no more than themselves where the program has a defect, and go on in threads', async (t) => {
    const broken = await startTcpServer(() => {}, '127.0.0.2');
    const { open } = TcpSocket;
    const { pool, of, replaced } = poolHere();
    try {
      t.mock.method(TcpSocket, 'open', (...words: Parameters<typeof open>) => {
        const opened = open.apply(TcpSocket, words);
        if (words[0].port !== broken.port) return opened;
        opened.onEvents = () => {
          throw new Error('a defect of this program');
        };
        return opened;
      });
      const defective = watch({ address: '127.0.0.2', port: broken.port });
      pool.update(
        new Map([
          ['a', watch({ port: server.port })],
          ['defective', defective],
        ]),
      );
      await until('it is told', () => replaced.length > 0);
      assert.match(replaced[0] ?? '', /a defect of this program/);
      // A thread has a class of its own.
      await until('both go on', () => ['a', 'defective'].every((name) => (pool.tally(name)?.streak ?? 0) > 3));
      assert.ok(of('defective').every(([, { ok }]) => ok === true));
    } finally {
      await pool.close();
      await broken.close();
    }
  });
});
