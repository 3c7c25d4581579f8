import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { percentile, total } from '../../src/checks/histogram.js';
import { CheckScheduler, type SchedulerOptions } from '../../src/checks/scheduler.js';
import { spread } from '../../src/checks/timing.js';
import type { Check, ProbeResult } from '../../src/probes/probe.js';
import { monotonic } from '../../src/system/clock.js';
import { checkOf } from '../helpers/check.js';
import { until } from '../helpers/deadline.js';

const passed: ProbeResult = { ok: true, reason: 'connected', duration: 1 };
const unlimited = { inFlight: 1000, jitter: 0 };

/** Records when each check ran, by its port; a run takes `takes` milliseconds, or ends with the signal. */
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
      starts.push({ port: check.port, at: monotonic() });
      running += 1;
      most = Math.max(most, running);
      await sleep(takes(check), undefined, { signal: cancel }).catch(() => aborted.push(check.port));
      running -= 1;
      return passed;
    },
  };
}

type Asked = Parameters<SchedulerOptions['run']>;
type Options = Partial<Omit<SchedulerOptions, 'run'>> & {
  readonly run: (check: Check, stage: Asked[1], signal: Asked[2]) => Promise<ProbeResult>;
};

/** Ends with the test, however that ends. */
function schedulerFor(t: TestContext, { run, ...options }: Options): CheckScheduler {
  const scheduler = new CheckScheduler({
    onResult: () => null,
    limits: unlimited,
    run: (check, stage, signal, told) => void run(check, stage, signal).then(told),
    ...options,
  });
  t.after(() => scheduler.close());
  return scheduler;
}

/** Takes note, and leaves the check on its cadence. */
function heard(note: (id: number, result: ProbeResult) => unknown): SchedulerOptions['onResult'] {
  return (id, result) => {
    note(id, result);
    return null;
  };
}

/** Begins with checks by port, from `first` on. */
function begin(scheduler: CheckScheduler, interval: number, count: number, first = 0): number {
  const now = monotonic();
  for (let index = 0; index < count; index += 1) {
    const check = checkOf({ port: first + index, interval });
    scheduler.add(first + index, check, spread(now, interval, index, count));
  }
  return now;
}

test('a check runs at once and then keeps its cadence, without drift', async (t) => {
  const record = recorder(() => 5);
  const scheduler = schedulerFor(t, { run: record.run });
  begin(scheduler, 1_000_000, 1, 1);
  await until('it runs at once', () => record.of(1).length === 1);
  const now = begin(scheduler, 100, 1);
  await until('it runs again and again', () => record.of(0).length >= 8);
  await scheduler.close();
  const times = record.of(0).map((at) => at - now);
  // Each on a slot of its own, however late those before were.
  assert.equal(new Set(times.map((time) => Math.floor(time / 100))).size, times.length);
});

test('a slow server delays nobody else, is never asked twice at once, and its slots count as skipped', async (t) => {
  const record = recorder((check) => (check.port === 1 ? 300 : 0));
  const scheduler = schedulerFor(t, { run: record.run });
  begin(scheduler, 50, 2);
  let [started, skipped] = [0, 0];
  await until('the slow one has missed some slots, and runs again', () => {
    const sums = scheduler.takeSums();
    started += sums.started;
    skipped += sums.skipped;
    return skipped >= 3 && sums.running === 1;
  });
  await until('the quick one goes on meanwhile', () => record.of(0).length >= 4);
  started += scheduler.takeSums().started;
  await scheduler.close();
  for (const [at, start] of record.of(1).entries()) {
    assert.ok(start - (record.of(1)[at - 1] ?? Number.NEGATIVE_INFINITY) >= 299, 'one after the other');
  }
  assert.equal(started, record.starts.length);
});

test('a run out of turn that ends after the next slot has begun has skipped none', async (t) => {
  const record = recorder(() => 60);
  const scheduler = schedulerFor(t, { run: record.run });
  const now = monotonic();
  const interval = 4_000;
  scheduler.add(1, checkOf({ port: 1, interval }), { first: now, origin: now + 30 - interval });
  let ran = 0;
  let skipped = 0;
  await until('it has run', () => {
    const sums = scheduler.takeSums();
    skipped += sums.skipped;
    ran += sums.ok;
    return ran === 1;
  });
  assert.equal(skipped, 0);
});

test('after the first checks the others are spread over the interval', async (t) => {
  const record = recorder();
  const scheduler = schedulerFor(t, { run: record.run });
  const now = begin(scheduler, 1000, 10);
  const second = (port: number): number => (record.of(port)[1] ?? Infinity) - now;
  const ports = Array.from({ length: 10 }, (_, port) => port);
  await until('each has run twice', () => ports.every((port) => second(port) < Infinity));
  await scheduler.close();
  // Each on a slot of its own, however late: a tenth of the interval after that of the check before it.
  for (const port of ports) assert.ok(second(port) >= (port === 0 ? 1000 : port * 100), `${port}: ${second(port)}`);
});

test('at most so many probes run at once; the rest get their turn, and their lateness is counted', async (t) => {
  const record = recorder(() => 500);
  const scheduler = schedulerFor(t, { run: record.run, limits: { inFlight: 3, jitter: 0 } });
  begin(scheduler, 100_000, 12);
  await until('the others wait', () => record.starts.length > 3 || scheduler.takeSums().waiting === 9);
  assert.equal(record.starts.length, 3);
  await until('all had their turn', () => record.starts.length === 12);
  const { lateness } = scheduler.takeSums();
  assert.equal(record.most(), 3);
  assert.equal(new Set(record.starts.map(({ port }) => port)).size, 12);
  assert.equal(total(lateness), 9);
  assert.ok(percentile(lateness, 1) >= 1000, 'the last waited for three others');
});

test('jitter makes a check late by up to its share of the interval, and adds nothing up', async (t) => {
  const record = recorder();
  const scheduler = schedulerFor(t, { run: record.run, limits: { inFlight: 10, jitter: 0.5 } });
  const now = begin(scheduler, 100, 1);
  await until('it has run at times that differ', () => {
    const phases = record.of(0).map((at) => (at - now) % 100);
    return phases.length >= 6 && Math.max(...phases) - Math.min(...phases) > 10;
  });
  await scheduler.close();
});

test('what stays keeps its due time, what goes is cut off, what is new runs', async (t) => {
  const record = recorder((check) => (check.port === 1 ? 1_000_000 : 0));
  const results: number[] = [];
  const scheduler = schedulerFor(t, { run: record.run, onResult: heard((id) => results.push(id)) });
  begin(scheduler, 60_000, 2);
  await until('both run', () => record.starts.length === 2);
  scheduler.remove(1);
  begin(scheduler, 60_000, 1, 7);
  await until('the new one has run', () => results.length === 2);
  await scheduler.close();
  assert.equal(record.of(0).length, 1, 'an unchanged check is not run again');
  assert.equal(record.of(7).length, 1);
  assert.deepEqual(record.aborted, [1]);
  assert.deepEqual(results, [0, 7], 'no result of a dropped check is told');
});

test('close waits for what is under way', async (t) => {
  const record = recorder(() => 1_000_000);
  const onResult = () => assert.fail('a result after close');
  const scheduler = schedulerFor(t, { run: record.run, onResult });
  begin(scheduler, 60_000, 3);
  await until('all run', () => record.starts.length === 3);
  await scheduler.close();
  assert.equal(record.aborted.length, 3);
});

test('a check without a verdict is run again soon, ever later, and then keeps its cadence', async (t) => {
  const results: ProbeResult[] = [];
  const starts: number[] = [];
  let hindered = 3;
  const scheduler = schedulerFor(t, {
    run: async () => {
      starts.push(monotonic());
      hindered -= 1;
      return hindered >= 0 ? { ok: null, reason: 'no descriptor', duration: 0 } : passed;
    },
    onResult: heard((_, result) => results.push(result)),
  });
  begin(scheduler, 600_000, 1);
  await until('a verdict', () => results.length === 4);
  assert.deepEqual(
    results.map(({ ok }) => ok),
    [null, null, null, true],
  );
  const pauses = starts.slice(1).map((at, index) => at - (starts[index] ?? at));
  // Each at least twice the one before, but for chance: from 250, 500 and 1000 milliseconds to twice as many.
  assert.ok(
    pauses.every((pause, index) => pause >= 250 * 2 ** index),
    `${pauses}`,
  );
  const { withoutVerdict, ok, skipped, duration } = scheduler.takeSums();
  assert.deepEqual([withoutVerdict, ok, skipped, total(duration)], [3, 1, 0, 1]);
});

test('a server that takes connections and fails to negotiate never passes, from its first check on', async (t) => {
  const results: boolean[] = [];
  const scheduler = schedulerFor(t, {
    run: async (_check, stage) => ({ ok: stage === 'connect', reason: stage, duration: 1 }),
    onResult: heard((_, { ok }) => results.push(ok === true)),
  });
  scheduler.add(1, checkOf({ type: 'combined', connects: 2, interval: 10 }), spread(monotonic(), 10, 0, 1));
  await until('it has been asked some times', () => results.length >= 5);
  assert.deepEqual(new Set(results), new Set([false]));
});

test('a check runs at another pace as long as its results say so, and then on its cadence again', async (t) => {
  const record = recorder();
  let pace: number | null = 20;
  const scheduler = schedulerFor(t, { run: record.run, onResult: () => pace });
  const now = begin(scheduler, 1_000, 1);
  await until('it runs faster', () => record.of(0).length >= 6);
  assert.ok((record.of(0)[5] ?? 0) - now < 1_000 * 5, 'more often than on its cadence');
  pace = 3_000;
  const slow = record.of(0).length;
  await until('it runs slower', () => record.of(0).length >= slow + 2);
  // Three seconds from when the first was due, which can have begun late.
  const [one = 0, other = 0] = record.of(0).slice(-2);
  assert.ok(other - one >= 1_500, `${other - one}`);
  pace = null;
  const last = record.of(0).length;
  await until('it is back', () => record.of(0).length >= last + 3);
  await scheduler.close();
  // On slots of its own again: one after the other.
  const slots = record
    .of(0)
    .slice(-2)
    .map((at) => Math.floor((at - now) / 1_000));
  assert.equal(new Set(slots).size, 2);
  assert.equal(scheduler.takeSums().skipped, 0, 'what was left out for the pace is not skipped');
});
