import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { checksOf } from '../../src/checks/check.js';
import { Scheduler } from '../../src/checks/scheduler.js';
import type { Check, ProbeResult } from '../../src/probes/probe.js';
import { realOf, virtualOf } from '../helpers/configuration.js';

const passed: ProbeResult = { ok: true, reason: 'connected', duration: 1 };

function checkEvery(interval: number, over: Partial<Check> = {}): Check {
  const virtual = virtualOf('virtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate\n\tchecktype=connect\n');
  const check = checksOf(virtual)(realOf(virtual))?.check;
  assert.ok(check);
  return { ...check, interval, ...over };
}

/** Records when each check ran; a run takes `takes` milliseconds, or ends with the signal. */
function recorder(takes: (check: Check) => number = () => 0) {
  const starts: { port: number; at: number }[] = [];
  const aborted: number[] = [];
  let running = 0;
  let most = 0;
  return {
    starts,
    aborted,
    most: () => most,
    of: (port: number) => starts.filter((start) => start.port === port).map(({ at }) => at),
    run: async (check: Check, _: unknown, cancel: AbortSignal): Promise<ProbeResult> => {
      starts.push({ port: check.port, at: performance.now() });
      running += 1;
      most = Math.max(most, running);
      await sleep(takes(check), undefined, { signal: cancel }).catch(() => aborted.push(check.port));
      running -= 1;
      return passed;
    },
  };
}

function many(count: number, interval: number): Map<string, Check> {
  return new Map(Array.from({ length: count }, (_, port) => [`check ${port}`, checkEvery(interval, { port })]));
}

test('a check runs at once and then keeps its cadence', async () => {
  const record = recorder();
  const scheduler = new Scheduler({ run: record.run, onResult: () => {} });
  const begin = performance.now();
  scheduler.update(new Map([['a', checkEvery(100)]]));
  await sleep(1050);
  await scheduler.close();
  assert.ok((record.starts[0]?.at ?? Infinity) - begin < 90, 'the first comes before an interval has passed');
  assert.ok(record.starts.length >= 6 && record.starts.length <= 12, `${record.starts.length} runs in 1050 ms`);
});

test('a slow server delays nobody else and is never asked twice at once', async () => {
  const record = recorder((check) => (check.port === 1 ? 1_000_000 : 0));
  const scheduler = new Scheduler({ run: record.run, onResult: () => {} });
  scheduler.update(many(2, 50));
  await sleep(600);
  await scheduler.close();
  assert.equal(record.of(1).length, 1);
  assert.ok(record.of(0).length >= 4, `${record.of(0).length} runs of the quick one`);
});

test('after the first checks the others are spread over the interval', async () => {
  const record = recorder();
  const scheduler = new Scheduler({ run: record.run, onResult: () => {} });
  const begin = performance.now();
  scheduler.update(many(10, 1000));
  await sleep(1900);
  await scheduler.close();
  const seconds = Array.from({ length: 10 }, (_, port) => (record.of(port)[1] ?? Infinity) - begin);
  assert.ok(Math.max(...seconds) - Math.min(...seconds) > 500, 'the second checks stand apart');
  assert.ok(Math.max(...seconds) < 1900, 'and none waits for more than an interval after its first');
});

test('at most `limit` probes run at once, and the rest get their turn', async () => {
  const record = recorder(() => 20);
  const scheduler = new Scheduler({ run: record.run, onResult: () => {}, limit: 3 });
  scheduler.update(many(12, 10_000));
  await sleep(800);
  await scheduler.close();
  assert.equal(record.most(), 3);
  assert.equal(new Set(record.starts.map(({ port }) => port)).size, 12);
});

test('an update keeps the due time of unchanged checks, cuts off dropped ones and runs new ones', async () => {
  const record = recorder((check) => (check.port === 1 ? 1_000_000 : 0));
  const results: string[] = [];
  const scheduler = new Scheduler({ run: record.run, onResult: (key) => results.push(key) });
  const checks = many(2, 60_000);
  scheduler.update(checks);
  await sleep(100);
  const kept = new Map([...checks].filter(([key]) => key === 'check 0'));
  scheduler.update(kept.set('new', checkEvery(60_000, { port: 7 })));
  await sleep(100);
  await scheduler.close();
  assert.equal(record.of(0).length, 1, 'an unchanged check is not run again');
  assert.equal(record.of(7).length, 1);
  assert.deepEqual(record.aborted, [1]);
  assert.deepEqual(results, ['check 0', 'new'], 'no result of a dropped check is told');
});

test('close waits for what is under way', async () => {
  const record = recorder(() => 1_000_000);
  const scheduler = new Scheduler({ run: record.run, onResult: () => assert.fail('a result after close') });
  scheduler.update(many(3, 60_000));
  await sleep(50);
  await scheduler.close();
  assert.equal(record.aborted.length, 3);
});
