import assert from 'node:assert/strict';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { FitnessTeller } from '../../../src/directors/fitness/teller.js';
import type { Event } from '../../../src/events.js';
import { until } from '../../helpers/deadline.js';
import { temporaryDirectory } from '../../helpers/temporary-directory.js';

const nowhere = { fitnessFile: null, fitnessAttribute: null, timeout: 10 };

async function scene(t: TestContext) {
  const folder = await temporaryDirectory(t);
  const events: Event[] = [];
  // It writes down what it was called with.
  const updater = join(folder, 'attrd_updater');
  const calls = join(folder, 'calls');
  await writeFile(updater, `#!/bin/sh\necho "$*" >>${calls}\n`);
  await chmod(updater, 0o755);
  const teller = new FitnessTeller({ publish: (event) => void events.push(event), updater, retryDelay: 10 });
  t.after(() => teller.close(null));
  const file = join(folder, 'run', 'fitness');
  return { teller, events, file, updater, calls, called: async () => readFile(calls, 'utf8').catch(() => '') };
}

test('nobody is told where nobody wants to know', async (t) => {
  const { teller, events } = await scene(t);
  teller.configure(nowhere);
  assert.equal(teller.isAsked, false);
  teller.tell(5);
  await teller.close(0);
  assert.deepEqual(events, []);
});

test('a file has the number, and the last one at the end', async (t) => {
  const { teller, events, file } = await scene(t);
  teller.configure({ ...nowhere, fitnessFile: file });
  teller.tell(100);
  await until('it is told that there is no folder', () => events.length > 0);
  await mkdir(join(file, '..'));
  await until('it is told again', () => events.length > 2);
  assert.equal(await readFile(file, 'utf8'), '100\n');
  // Most decisions change nothing.
  for (let times = 0; times < 3; times += 1) {
    teller.tell(100);
    await sleep(300);
  }
  assert.equal((await stat(file)).mode & 0o777, 0o644);
  for (const value of [99, 98, 50, 7]) teller.tell(value);
  await until('the last one counts', async () => (await readFile(file, 'utf8')) === '7\n');
  await teller.close(0);
  assert.equal(await readFile(file, 'utf8'), '0\n');
  const [failed, restored, first] = events;
  assert.deepEqual([failed?.type, restored?.type], ['fitness-failed', 'fitness-restored']);
  assert.deepEqual(first, { type: 'fitness-told', fitness: 100, before: null });
  assert.deepEqual(events.at(-1), { type: 'fitness-told', fitness: 0, before: 7 });
});

test('an attribute gets the number, one telling at a time', async (t) => {
  const { teller, events, called } = await scene(t);
  teller.configure({ ...nowhere, fitnessAttribute: 'fitness' });
  teller.tell(100);
  await until('it is told', () => events.length === 1);
  assert.equal(await called(), '--name fitness --update 100\n');
  await teller.close(null);
  assert.equal(await called(), '--name fitness --update 100\n');
});

test('a program that hangs is killed in time, and the last number is told once it does not', async (t) => {
  const { teller, events, updater, called, calls } = await scene(t);
  await writeFile(updater, '#!/bin/sh\nexec sleep 600\n');
  teller.configure({ ...nowhere, fitnessAttribute: 'fitness', timeout: 0.2 });
  teller.tell(100);
  teller.tell(80);
  await until('it is killed', () => events.length === 1);
  assert.match(JSON.stringify(events[0]), /fitness-failed.*killed after 0\.2 s/);
  teller.tell(60);
  await writeFile(updater, `#!/bin/sh\necho "$*" >>${calls}\n`);
  await until('it is told', async () => (await called()) !== '');
  assert.equal(await called(), '--name fitness --update 60\n');
});

test('settings that change are told at once, and those that stay are not told anew', async (t) => {
  const { teller, events, file, called } = await scene(t);
  await mkdir(join(file, '..'));
  teller.configure({ ...nowhere, fitnessFile: file });
  teller.tell(90);
  await until('it is told', () => events.length === 1);
  await writeFile(file, 'somebody else’s');
  teller.configure({ ...nowhere, fitnessFile: file, fitnessAttribute: 'fitness' });
  await until('the attribute, too', async () => (await called()) === '--name fitness --update 90\n');
  assert.equal(await readFile(file, 'utf8'), 'somebody else’s');
  assert.equal(events.length, 1);
});
