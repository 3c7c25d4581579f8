import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Watch } from '../../src/checks/assignment.js';
import { Gate, type PathState } from '../../src/checks/gate.js';
import { policyOf } from '../../src/health/policy.js';
import { checkOf } from '../helpers/check.js';
import { virtualOf } from '../helpers/configuration.js';

const interest = { policy: policyOf(virtualOf('virtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate\n')), every: false };
const direct: Watch = { check: checkOf({}), interest };
const forwarded = (mark: number): Watch => ({
  check: checkOf({ route: { mark, source: null, towards: '10.0.0.1' } }),
  interest,
});

function setUp() {
  const states = new Map<number, PathState>();
  const updates: { readonly keys: string[]; readonly awaited: string[] }[] = [];
  const held: string[] = [];
  const gate = new Gate({
    pool: {
      update: (watches, awaited = new Set()) => {
        updates.push({ keys: [...watches.keys()], awaited: [...awaited] });
      },
    },
    stateOf: ({ route }) => states.get(route.mark ?? 0) ?? { stands: false, why: null },
    onHeld: (key, { ok, reason }) => {
      assert.equal(ok, null);
      held.push(`${key}: ${reason}`);
    },
  });
  return { states, updates, held, gate };
}

const stands: PathState = { stands: true, why: null };

test('without forwarded checks the pool gets what there is, and nothing is looked at', () => {
  const { updates, gate } = setUp();
  gate.update(new Map([['a', direct]]), new Set(['a']));
  gate.look();
  assert.deepEqual(updates, [{ keys: ['a'], awaited: ['a'] }]);
});

test('a forwarded check waits until its path stands, and rests while the table refuses that', () => {
  const { states, updates, held, gate } = setUp();
  const watches = new Map([
    ['a', direct],
    ['b', forwarded(1)],
    ['c', forwarded(2)],
  ]);
  states.set(1, stands);
  gate.update(watches, new Set());
  assert.deepEqual(updates.at(-1)?.keys, ['a', 'b']);
  gate.look();
  assert.equal(updates.length, 1, 'nothing has changed');
  states.set(2, stands);
  gate.look();
  assert.deepEqual(updates.at(-1)?.keys, ['a', 'b', 'c']);
  assert.deepEqual(held, [], 'who only waits has nothing to tell');
  states.set(1, { stands: false, why: 'no memory (ENOMEM)' });
  gate.look();
  gate.look();
  assert.deepEqual(updates.at(-1)?.keys, ['a', 'c']);
  assert.deepEqual(held, ['b: connect: the table does not take the path of this check: no memory (ENOMEM)']);
  states.set(1, stands);
  gate.look();
  assert.deepEqual(updates.at(-1)?.keys, ['a', 'b', 'c']);
  assert.equal(updates.length, 4);
});

test('a table that is not known just now changes nothing', () => {
  const { states, updates, gate } = setUp();
  const watches = new Map([
    ['b', forwarded(1)],
    ['c', forwarded(2)],
  ]);
  states.set(1, stands);
  gate.update(watches, new Set());
  for (const mark of [1, 2]) states.set(mark, { stands: null, why: 'no answer (ETIMEDOUT)' });
  gate.look();
  assert.deepEqual(updates, [{ keys: ['b'], awaited: [] }]);
  gate.close();
  states.set(1, { stands: false, why: null });
  gate.look();
  assert.equal(updates.length, 1, 'a pool that is closed gets nothing more');
});
