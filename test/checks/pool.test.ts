import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Watch } from '../../src/checks/assignment.js';
import { CheckPool, type PoolOptions } from '../../src/checks/pool.js';
import { newSums, type Sums } from '../../src/checks/sums.js';
import type { ProbeResult } from '../../src/probes/probe.js';
import { checkOf, receive } from '../helpers/check.js';
import { until } from '../helpers/deadline.js';
import { alive } from '../helpers/leaks.js';
import { policyOf } from '../helpers/policy.js';
import { exhaustDescriptors, lower } from '../helpers/resource-limits.js';
import { stubbornPorts } from '../helpers/stubborn-worker.js';
import { type BlackHole, startTcpBlackHole } from '../helpers/tcp-black-hole.js';
import { startTcpServer, type TcpServer } from '../helpers/tcp-server.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

const limits = { workers: 2, inFlight: 1000, jitter: 0, descriptors: 8192 };
const stubborn = new URL('../helpers/stubborn-worker.js', import.meta.url);
const busy = new URL('../helpers/busy-worker.js', import.meta.url);
const troubled = new URL('../helpers/troubled-worker.js', import.meta.url);

/** Checks by key, each of an address of its own. */
function watches(port: number, count: number, interval: number, from = 0) {
  return new Map(
    Array.from({ length: count }, (_, index): [string, Watch] => {
      const number = from + index;
      const address = `127.9.${number >> 8}.${number & 255 || 1}`;
      const check = checkOf({ type: 'connect', address, port, interval, request: `${number}` });
      return [`check ${number}`, { check, interest: { policy: policyOf(), every: false } }];
    }),
  );
}

/** A pool that is closed when the test is through, and what it said. */
async function withPool(
  options: Partial<PoolOptions>,
  use: (pool: CheckPool, said: Said) => Promise<void>,
): Promise<void> {
  const said: Said = { results: [], replaced: [], sums: [] };
  const pool = new CheckPool({
    limits,
    onResult: (key, result) => said.results.push([key, result]),
    onSums: (sums) => said.sums.push(sums),
    onReplaced: (worker, checks, reason) => said.replaced.push({ worker, checks, reason }),
    ...options,
  });
  try {
    await use(pool, said);
  } finally {
    await pool.close();
  }
}

interface Said {
  readonly results: [string, ProbeResult][];
  readonly replaced: { worker: number; checks: number; reason: string }[];
  readonly sums: Sums[];
}

function keysOf({ results }: Said): Set<string> {
  return new Set(results.map(([key]) => key));
}

function descriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

describe('pool', () => {
  let server: TcpServer;
  let hole: BlackHole;
  before(async () => {
    hole = await startTcpBlackHole('0.0.0.0');
    server = await startTcpServer(() => {}, '0.0.0.0');
  });
  after(() => Promise.all([server.close(), hole.close()]));

  it('tells the first result of each check and then only what is new, and sums up the rest', async () => {
    await withPool({}, async (pool, said) => {
      pool.update(watches(server.port, 400, 500));
      await until('every check has a result', () => keysOf(said).size === 400);
      await until('sums of several rounds', () => said.sums.reduce((sum, { ok }) => sum + ok, 0) >= 2000);
      assert.equal(said.results.length, 400);
      assert.ok(said.results.every(([, { ok, reason }]) => ok && reason === 'connect: accepted'));
      assert.deepEqual(said.replaced, []);
    });
  });

  it('runs a check now for whoever asks, long before it is due, and counts what it gave', async () => {
    await withPool({}, async (pool, said) => {
      pool.update(watches(server.port, 3, 3_600_000));
      await until('every check has a result', () => keysOf(said).size === 3);
      const results = await Promise.all(['check 1', 'check 1', 'check 2', 'nobody'].map((key) => pool.runNow(key)));
      assert.deepEqual(
        results.map((result) => result?.ok ?? null),
        [true, true, true, null],
      );
      assert.ok(said.results.length >= 5, 'those who follow the news hear of it, too');
      const account = await pool.account('check 1');
      assert.deepEqual([(account?.ok ?? 0) >= 2, account?.failed, account?.lastFailure], [true, 0, null]);
      assert.equal(account?.last?.reason, 'connect: accepted');
      assert.equal(await pool.account('nobody'), null);
      assert.equal(pool.check('check 0')?.interval, 3_600_000);
    });
  });

  it('who waits for a result is told when its check goes, or the pool', async () => {
    const mute = await startTcpServer(() => {}, '127.0.0.1');
    try {
      await withPool({}, async (pool) => {
        const check = checkOf({ service: 'simpletcp', address: '127.0.0.1', port: mute.port, interval: 1_000 });
        const slow = (key: string): [string, Watch] => [key, { check, interest: { policy: policyOf(), every: false } }];
        pool.update(new Map([slow('a'), slow('b')]));
        const [first, second] = [pool.runNow('a'), pool.runNow('b')];
        pool.update(new Map([slow('b')]));
        assert.equal(await first, null);
        await pool.close();
        assert.equal(await second, null);
      });
    } finally {
      await mute.close();
    }
  });

  it('tells again what somebody waits for, and every result where that is wanted', async () => {
    await withPool({}, async (pool, said) => {
      const wanted = watches(server.port, 3, 100);
      pool.update(wanted);
      await until('every check has a result', () => keysOf(said).size === 3);
      pool.update(wanted, new Set(['check 1']));
      await until('the awaited one is told again', () => said.results.length === 4);
      assert.equal(said.results[3]?.[0], 'check 1');
      const [first] = [...wanted.values()];
      assert.ok(first);
      pool.update(new Map([...wanted, ['check 0', { ...first, interest: { policy: policyOf(), every: true } }]]));
      await until('all of one are told', () => said.results.length >= 8);
      assert.ok(said.results.slice(4).every(([key]) => key === 'check 0'));
    });
  });

  it('ends checks that go, goes on with those that stay when workers are added, and begins new ones', async () => {
    await withPool({ limits: { ...limits, workers: 3 } }, async (pool, said) => {
      pool.update(watches(server.port, 20, 20));
      await until('every check has a result', () => keysOf(said).size === 20);
      // Three workers now, and a third of the old checks with each.
      pool.update(new Map([...watches(server.port, 10, 20, 10), ...watches(server.port, 690, 50, 20)]));
      await until('the new ones have a result', () => keysOf(said).size === 710);
      const before = said.sums.length;
      await until('two more sums', () => said.sums.length >= before + 3);
      const turns = said.sums.slice(-2).reduce((sum, { started, skipped }) => sum + started + skipped, 0);
      assert.ok(turns > 700 * 20 * 0.5, `${turns} turns in about 2 s`);
      pool.update(new Map());
      await until('nothing runs any more', () => said.sums.at(-1)?.started === 0);
    });
  });

  for (const [what, reason] of [
    ['hang', /^no sign of life for /],
    ['throw', /^Error: a defect of a library\n/],
    ['exit', /^it ended with code 7$/],
  ] as const) {
    it(`goes on with the checks of a worker that is lost: ${what}`, async (context) => {
      const directory = await temporaryDirectory(context);
      await withPool({ entry: troubled, limits: { ...limits, workers: 1 } }, async (pool, said) => {
        const before = descriptors();
        const silent = watches(hole.port, 200, 60_000, 300);
        const wanted = watches(server.port, 10, 200);
        const [first] = [...wanted.values()];
        assert.ok(first);
        const trouble = { ...first, check: { ...first.check, request: `${what} ${directory}/done` } };
        pool.update(new Map([...silent, ...wanted, ['trouble', trouble]]));
        await until('the worker is replaced', () => said.replaced.length === 1);
        assert.deepEqual([said.replaced[0]?.worker, said.replaced[0]?.checks], [1, 211]);
        assert.match(said.replaced[0]?.reason ?? '', reason);
        // The new worker tells each check's first result again.
        await until('the checks go on', () => said.results.length >= 22);
        await until('and on', () => (said.sums.at(-1)?.started ?? 0) >= 20);
        assert.equal(said.replaced.length, 1);
        // The first worker's sockets, which Node does not know of, are closed; those of the second stand.
        await until('the silent ones are asked again', () => (said.sums.at(-1)?.running ?? 0) >= 200);
        const more = () => descriptors() - before;
        await until(
          () => `${more()} descriptors more are those of the second`,
          () => more() >= 200 && more() < 300,
        );
      });
    });
  }

  it('ends the programs of a worker that is lost', async (context) => {
    const directory = await temporaryDirectory(context);
    const command = join(directory, 'sleeper.sh');
    await writeFile(command, `#!/bin/sh\necho $$ >> ${directory}/pids\nsetsid sleep 1000 & sleep 1000\n`, {
      mode: 0o755,
    });
    const pids = async () =>
      (await readFile(`${directory}/pids`, 'utf8').catch(() => '')).split('\n').filter(Boolean).map(Number);
    await withPool({ entry: troubled, limits: { ...limits, workers: 1 } }, async (pool, said) => {
      const program = checkOf({ type: 'external', command, interval: 60_000, request: `hang ${directory}/done` });
      pool.update(new Map([['program', { check: program, interest: { policy: policyOf(), every: false } }]]));
      await until('the worker is replaced', () => said.replaced.length === 1);
      await until('its checks go on', async () => (await pids()).length === 2);
      const [first = 0, second = 0] = await pids();
      await until('the program of the first is gone', () => !alive(first));
      assert.ok(alive(second));
      await pool.close();
      assert.ok(!alive(second));
    });
  });

  for (const [what, port, ok] of [
    ['hangs', stubbornPorts.hangs, false],
    ['ends', stubbornPorts.ends, null],
  ] as const) {
    it(`a check that ${what} its worker goes on apart from the others, with that as its result`, async () => {
      await withPool({ entry: stubborn, limits: { ...limits, workers: 1 } }, async (pool, said) => {
        const [first] = watches(port, 1, 100).values();
        assert.ok(first);
        // With silent ones, which are under way when it happens and are suspects too.
        const silent = watches(hole.port, 2, 60_000, 300);
        for (const watch of silent.values()) Object.assign(watch.check, { checkTimeout: 1_500 });
        pool.update(new Map([['stubborn', first], ...silent, ...watches(server.port, 50, 50)]));
        const verdicts = () => said.results.filter(([key]) => key === 'stubborn').map(([, result]) => result);
        await until('its fault is its result', () => verdicts().length > 0, 60_000);
        assert.ok(verdicts().every((result) => result.ok === ok && result.reason.startsWith('internal: the thread')));
        const others = said.results.filter(([key]) => key !== 'stubborn' && !silent.has(key));
        assert.ok(others.every(([, result]) => result.ok === true));
        assert.equal(new Set(others.map(([key]) => key)).size, 50);
        // Its own worker fails again and again, and that of the others never.
        assert.equal(said.replaced.filter(({ worker }) => worker === 1).length, 1);
        // Whom it condemns is given more time than others.
        const silences = said.replaced.flatMap(({ worker, reason }) =>
          worker === 1 ? [] : Number(/^no sign of life for (.*) s$/.exec(reason)?.[1] ?? Number.POSITIVE_INFINITY),
        );
        assert.ok(silences.length > 0 && silences.every((seconds) => seconds >= 7), silences.join());
        const passed = () => said.sums.reduce((sum, sums) => sum + sums.ok, 0);
        const before = passed();
        await until('the others go on', () => passed() > before + 100);
        // Whoever is gone is run by nobody.
        pool.update(watches(server.port, 50, 50));
        const end = said.replaced.length;
        await until('a moment passes', () => passed() > before + 600);
        assert.equal(said.replaced.length, end);
      });
    });
  }

  it('where descriptors are few, checks wait for each other, and healthy servers stay healthy', async () => {
    const few = 300;
    const silent = watches(hole.port, 400, 200, 300);
    for (const watch of silent.values()) Object.assign(watch.check, { checkTimeout: 100 });
    const interest = { policy: policyOf(), every: true };
    const healthy = new Map([...watches(server.port, 20, 200)].map(([key, watch]) => [key, { ...watch, interest }]));
    // What a worker that was lost has left open here does not count.
    for (const socket of server.sockets) socket.destroy();
    const giveBack = lower('descriptors', few);
    try {
      await withPool({ limits: { ...limits, descriptors: few } }, async (pool, said) => {
        pool.update(new Map([...silent, ...healthy]));
        const results = (key: string) => said.results.filter(([of]) => of === key).map(([, result]) => result);
        await until('each has three results', () => [...healthy.keys()].every((key) => results(key).length >= 3));
        const bad = [...healthy.keys()].flatMap((key) => results(key).filter(({ ok }) => ok !== true));
        assert.deepEqual(bad, []);
        assert.equal(
          said.sums.reduce((sum, { withoutVerdict }) => sum + withoutVerdict, 0),
          0,
        );
        // Others take what is left: then there is no verdict, of anybody, and afterwards there is one again.
        const restore = exhaustDescriptors(few);
        const heard = said.results.length;
        await until('there is no verdict', () => said.results.slice(heard).some(([, { ok }]) => ok === null));
        restore();
        const since = said.results.length;
        await until(
          'there are verdicts',
          () => said.results.slice(since).filter(([, { ok }]) => ok === true).length > 20,
        );
        assert.ok([...healthy.keys()].every((key) => results(key).every(({ ok }) => ok !== false)));
      });
    } finally {
      giveBack();
    }
  });

  it('what is waited for is run soon, and keeps its cadence afterwards', async () => {
    await withPool({}, async (pool, said) => {
      const wanted = watches(server.port, 30, 3_600_000);
      pool.update(wanted);
      await until('every check has a result', () => keysOf(said).size === 30);
      pool.update(wanted, new Set(['check 3', 'check 4']));
      await until('they are told again', () => said.results.length >= 32);
      assert.deepEqual(
        said.results
          .slice(30)
          .map(([key]) => key)
          .sort(),
        ['check 3', 'check 4'],
      );
    });
  });

  it('what a library prints at the will of a server reaches nobody', async () => {
    const program = fileURLToPath(new URL('../helpers/printing-library.js', import.meta.url));
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [program], { timeout: 60_000 });
    assert.equal(stdout, 'query: the answer cannot be read');
    assert.equal(stderr, '');
  });

  it('loses one check to a pattern that never ends, and no worker', async () => {
    const hostile = createServer((_, response) => response.end('a'.repeat(100_000)));
    hostile.listen(0, '127.0.0.1');
    await once(hostile, 'listening');
    try {
      await withPool({ limits: { ...limits, workers: 1 } }, async (pool, said) => {
        const { port } = hostile.address() as AddressInfo;
        const check = checkOf({ port, interval: 1000, receive: receive('(a+)+b') });
        pool.update(
          new Map([
            ...watches(server.port, 100, 200),
            ['hostile', { check, interest: { policy: policyOf(), every: true } }],
          ]),
        );
        const results = () => said.results.filter(([key]) => key === 'hostile').map(([, result]) => result);
        await until('three results', () => results().length >= 3);
        assert.ok(results().every(({ ok, reason }) => !ok && /^receive: the search for .* takes more/.test(reason)));
        const passed = said.sums.reduce((sum, { ok }) => sum + ok, 0);
        await until('the others go on', () => said.sums.reduce((sum, { ok }) => sum + ok, 0) > passed + 300);
        assert.deepEqual(said.replaced, []);
      });
    } finally {
      hostile.closeAllConnections();
      hostile.close();
    }
  });

  it('does not take its own absence for silence of the workers', async () => {
    await withPool({}, async (pool, said) => {
      pool.update(watches(server.port, 5, 100));
      await until('every check has a result', () => keysOf(said).size === 5);
      const end = performance.now() + 4500;
      while (performance.now() < end);
      await sleep(1500);
      assert.deepEqual(said.replaced, []);
    });
  });

  it('begins another worker where one stays busy, and the checks are spread over both', async (context) => {
    const directory = await temporaryDirectory(context);
    const request = join(directory, 'threads');
    const threads = async () => (await readFile(request, 'utf8')).split('\n').filter(Boolean);
    await withPool({ entry: busy }, async (pool, said) => {
      const wanted = [...watches(server.port, 4, 200)].map(
        ([key, watch]) => [key, { ...watch, check: { ...watch.check, request } }] as const,
      );
      pool.update(new Map(wanted));
      await until('every check has a result', () => keysOf(said).size === 4);
      assert.equal(new Set((await threads()).slice(0, 4)).size, 1);
      await until('there are two workers', async () => new Set(await threads()).size === 2, 30_000);
      const before = said.sums.length;
      await until('the checks go on', () => said.sums.slice(before).some(({ started }) => started >= 4));
      assert.deepEqual(said.replaced, []);
    });
  });

  it('waits longer and longer with a worker that cannot begin', async (context) => {
    const directory = await temporaryDirectory(context);
    const entry = new URL(`file://${directory}/missing.js`);
    await withPool({ entry }, async (pool, said) => {
      pool.update(watches(server.port, 1, 100));
      await sleep(1500);
      assert.ok(said.replaced.length >= 2 && said.replaced.length <= 4, `${said.replaced.length} times`);
      assert.match(said.replaced[0]?.reason ?? '', /missing\.js/);
    });
  });

  it('sums up nothing where nothing is checked', async () => {
    await withPool({}, async (pool, said) => {
      pool.update(new Map());
      await until('a sum', () => said.sums.length === 1);
      assert.deepEqual(said.sums, [newSums()]);
    });
  });
});
