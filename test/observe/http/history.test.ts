import assert from 'node:assert/strict';
import { test } from 'node:test';
import { History, historyStep } from '../../../src/observe/http/history.js';
import { atOnce } from '../../../src/slices.js';
import type { VirtualStatus } from '../../../src/status/model.js';
import { asItComes, serverStatus, virtualStatus } from '../../helpers/status.js';

const begin = 1_000_000 * historyStep;

function take(history: History, step: number, virtuals: readonly VirtualStatus[]): Promise<void> {
  return history.takeAsItComes(asItComes(begin + step * historyStep + 7, virtuals), async (work) => atOnce(work));
}

const up = virtualStatus({ servers: [serverStatus()] });
const down = virtualStatus({ servers: [serverStatus({ up: false })] });

test('an hour is kept, the oldest first, and what was not seen is not known', async () => {
  const history = new History();
  assert.equal(history.whole(), null);
  assert.equal(history.of('tcp', up.name), null);
  await take(history, 0, [up]);
  await take(history, 1, [down]);
  await take(history, 4, [up, virtualStatus({ name: '192.0.2.2:80' })]);
  const found = history.of('tcp', up.name) ?? assert.fail();
  assert.equal(found.up.length, 360);
  assert.equal(found.end, begin + 4 * historyStep);
  assert.deepEqual(found.up.slice(-6), [null, 1, 0, null, null, 1]);
  assert.deepEqual(found.active.slice(-2), [null, 4]);
  assert.equal(new Map(found.states).get('10.0.0.1:80')?.slice(-6), '-ud--u');
  assert.deepEqual(history.whole()?.servers.slice(-2), [null, 4]);
  await take(history, 364, [up]);
  assert.deepEqual(
    history.of('tcp', up.name)?.up.filter((value) => value !== null),
    [1],
    'an hour later',
  );
});

test('of two looks within a step the later one stays, and a clock that is set back forgets', async () => {
  const history = new History();
  await take(history, 3, [up]);
  await take(history, 3, [down]);
  assert.deepEqual(history.of('tcp', up.name)?.up.slice(-2), [null, 0]);
  await take(history, 1, [up]);
  assert.deepEqual(
    history.of('tcp', up.name)?.up.filter((value) => value !== null),
    [1],
  );
});

test('what leaves the configuration leaves the history', async () => {
  const history = new History();
  await take(history, 0, [virtualStatus()]);
  await take(history, 1, [up]);
  assert.deepEqual([...new Map(history.of('tcp', up.name)?.states).keys()], ['10.0.0.1:80']);
  await take(history, 2, []);
  assert.equal(history.of('tcp', up.name), null);
});
