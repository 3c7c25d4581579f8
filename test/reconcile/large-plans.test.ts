import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../helpers/deadline.js';
import { standing, Troubled, wantedOf, watched } from './watched.js';

const many = 2_000;
const addresses = Array.from({ length: many }, (_, index) => `10.1.${index >> 8}.${index & 255}`);
const large = `virtual=192.0.2.7:80\n${addresses.map((address) => `\treal=${address}:80 gate\n`).join('')}`;
const small = 'virtual=192.0.2.8:80\n\treal=10.0.0.1:80 gate\n\tfallback=127.0.0.1:80\n';

/** Each portion waits until it is let through. */
function gated() {
  const backend = new Troubled();
  let arrived = (): void => {};
  let pass = (): void => {};
  let arrival = new Promise<void>((resolve) => (arrived = resolve));
  backend.gate = () => {
    arrived();
    return new Promise((resolve) => (pass = resolve));
  };
  return {
    backend,
    /** Lets the next portion through, once it has come. */
    async step(): Promise<void> {
      await arrival;
      arrival = new Promise((resolve) => (arrived = resolve));
      pass();
    },
    open(): void {
      backend.gate = null;
      pass();
    },
  };
}

test('each portion is told when it is answered, and a newer wish is planned before the next', async (t) => {
  const { backend, step, open } = gated();
  t.after(open);
  const { reconciler, lines } = watched(t, backend);
  const first = reconciler.want(wantedOf(`${large}${small}`, '10.0.0.1', ...addresses));
  await step();
  await reconciler.begun();
  assert.ok(lines.length > 0 && lines.length < many / 2, `${lines.length} lines`);
  assert.ok(lines.includes('added real 10.0.0.1:80 (192.0.2.8:80) 1'), 'the small service does not wait');

  // Its only server dies, while most of the large one is still to come. One portion was on its way already.
  const second = reconciler.want(wantedOf(`${large}${small}`, ...addresses));
  await step();
  await step();
  await step();
  const dies = lines.indexOf('deleted real 10.0.0.1:80 (192.0.2.8:80) 0');
  await reconciler.begun();
  const told = lines.length;
  assert.ok(lines.includes('added fallback 127.0.0.1:80 (192.0.2.8:80) 1'), `${dies} of ${told}`);
  assert.ok(told < many, `${told} lines`);
  open();
  await Promise.all([first, second]);
  const table = await standing(backend);
  assert.equal(table['tcp 192.0.2.7:80']?.length, many);
  assert.deepEqual(table['tcp 192.0.2.8:80'], ['127.0.0.1:80 1']);
  assert.equal(lines.filter((line) => line.startsWith('added real 10.1.')).length, many);
  assert.deepEqual(await reconciler.missing(), []);
});

test('what is left of a plan that a newer wish has ended is no change by somebody else', async (t) => {
  const { backend, step, open } = gated();
  t.after(open);
  const { reconciler, lines } = watched(t, backend);
  const [one = '', ...others] = addresses;
  const few = reconciler.want(wantedOf(`${large}${small}`, one));
  await step();
  await few;
  const most = reconciler.want(wantedOf(`${large}${small}`, one, ...others));
  await step();
  await reconciler.begun();
  const told = lines.length;
  assert.ok(told < many / 2, `${told} lines`);
  // The next plan begins with a look, at a service that stands neither as it was left nor as it is wanted.
  const found = reconciler.audit(wantedOf(`${large}${small}`, one, ...others));
  for (const goal of [[one], [one, ...others], [one]]) {
    await step();
    void reconciler.audit(wantedOf(`${large}${small}`, ...goal));
  }
  open();
  await Promise.all([most, found]);
  await reconciler.want(wantedOf(`${large}${small}`, one));
  assert.deepEqual(
    lines.filter((line) => /drift|contested/.test(line)),
    [],
  );
  assert.deepEqual((await standing(backend))['tcp 192.0.2.7:80'], [`${one}:80 1`]);
});

test('what is not applied yet can be said', async (t) => {
  const { backend, step, open } = gated();
  t.after(open);
  const { reconciler } = watched(t, backend);
  const done = reconciler.want(wantedOf(large, ...addresses));
  await step();
  await reconciler.begun();
  const missing = await reconciler.missing();
  assert.ok(missing.length > many / 2 && missing.length < many, `${missing.length}`);
  assert.equal(missing[0]?.reason, 'not applied yet');
  assert.deepEqual(await reconciler.missing(new Set(['tcp 192.0.2.9:80'])), []);
  await reconciler.whenSettled(1);
  open();
  await done;
});

test('the deadline is a portion’s, not the plan’s', async (t) => {
  const deadline = 600;
  const backend = new Troubled();
  backend.gate = (operations) => sleep(0.4 * operations);
  const { reconciler, lines } = watched(t, backend, { deadline });
  const began = performance.now();
  await reconciler.want(wantedOf(large, ...addresses));
  assert.ok(performance.now() - began > deadline);
  assert.deepEqual(
    lines.filter((line) => line.startsWith('failed')),
    [],
  );
  assert.equal(backend.reads, 1);
});

test('a plan that nobody answered in time leaves the table unknown: it may be carried out yet', async (t) => {
  const backend = new Troubled();
  const { reconciler, lines } = watched(t, backend, { deadline: 30, retryDelay: 60_000 });
  await reconciler.takeOver(wantedOf(small));
  let late = (): void => {};
  backend.gate = () => new Promise((resolve) => (late = resolve));
  lines.length = 0;
  await reconciler.audit(wantedOf(small, '10.0.0.1'));
  assert.deepEqual(lines, ['failed memory: ETIMEDOUT']);
  late();
  backend.gate = null;
  await until(
    'it is carried out after all',
    async () => (await standing(backend))['tcp 192.0.2.8:80']?.includes('10.0.0.1:80 1') === true,
  );
  await reconciler.want(wantedOf(small));
  assert.deepEqual(await standing(backend), { 'tcp 192.0.2.8:80': ['127.0.0.1:80 1'] });
});

test('why the table is not known can be said', async (t) => {
  const backend = new Troubled();
  const { reconciler } = watched(t, backend, { deadline: 20, retryDelay: 60_000 });
  backend.hang = true;
  await reconciler.want(wantedOf(small, '10.0.0.1'));
  const [missing] = await reconciler.missing();
  assert.equal(missing?.service, null);
  assert.match(missing?.reason ?? '', /did not read the table within 0.02 s \(ETIMEDOUT\)/);
});
