/** What a director holds of what all have asked for: single cases of what the histories go through at random. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyOf } from '../../../src/directors/shared/keys.js';
import { Replica, tombstoneAge } from '../../../src/directors/shared/replica.js';
import { unknownOrigin } from '../../../src/model/origin.js';
import type { Override } from '../../../src/model/override.js';

const now = 1_764_438_000_000;

function drainOf(server: string, since = now): Override {
  return { kind: 'drain', server, virtual: null, weight: 0, until: null, who: 'alice', since, why: null };
}

/** Writes what it does not have yet, and gives the value of a key. */
function bringOut(replica: Replica, store: Map<string, { value: string; revision: number }>, revision: number): void {
  for (const write of replica.writes(now)) {
    if (write.value === null) store.delete(write.key);
    else store.set(write.key, { value: write.value, revision });
    replica.written(write, revision);
  }
}

const ended = { origin: { ...unknownOrigin, who: 'bob' }, about: [] };

test('who was away does not bring back what was taken back meanwhile', () => {
  const store = new Map<string, { value: string; revision: number }>();
  const [here, away] = [new Replica('lb1'), new Replica('lb2')];
  here.decide([drainOf('web1:80')], null, now);
  bringOut(here, store, 2);
  away.seeAll(store, true);
  assert.deepEqual(away.byHand.map(keyOf), ['drain/web1:80']);
  here.decide([], ended, now + 1);
  bringOut(here, store, 3);
  away.seeAll(store, true);
  assert.deepEqual(away.byHand, []);
  assert.deepEqual(away.takeEnded(), [
    { kind: 'drain', server: 'web1:80', virtual: null, origin: { ...ended.origin, on: 'lb1' } },
  ]);
});

test('a tombstone beats what was asked before it and not seen, and goes after seven days', () => {
  const store = new Map<string, { value: string; revision: number }>();
  const [here, away] = [new Replica('lb1'), new Replica('lb2')];
  away.decide([drainOf('web1:80')], null, now - 1_000);
  here.decide([drainOf('web1:80')], null, now);
  here.decide([], ended, now + 1);
  bringOut(here, store, 3);
  away.seeAll(store, true);
  assert.deepEqual([away.byHand, away.pending], [[], 0]);
  assert.deepEqual(here.writes(now + tombstoneAge), []);
  assert.deepEqual(
    here.writes(now + tombstoneAge + 60_000).map(({ key, value }) => [key, value]),
    [['drain/web1:80', null]],
  );
});

test('a script removes a key: it ends for all that had it from the store, and what nobody had seen stays', () => {
  const [seen, unseen] = [new Replica('lb1'), new Replica('lb2')];
  seen.see('drain/web1:80', { value: 'a disk', revision: 5 });
  unseen.decide([drainOf('web1:80')], null, now);
  for (const replica of [seen, unseen]) replica.seeAll(new Map(), true);
  assert.deepEqual([seen.byHand.length, unseen.byHand.length, unseen.pending], [0, 1, 1]);
});

test('a script writes after everything that was decided without knowing it, and before what was decided knowing it', () => {
  const replica = new Replica('lb1');
  replica.decide([drainOf('web1:80')], null, now);
  replica.see('drain/web1:80', { value: 'by a script', revision: 5 });
  assert.deepEqual(
    replica.byHand.map(({ why }) => why),
    ['by a script'],
  );
  replica.decide([], ended, now);
  assert.deepEqual([replica.byHand, replica.writes(now)[0]?.expected], [[], 5]);
});

test('what a store lacks that was set up anew is written again', () => {
  const replica = new Replica('lb1');
  replica.see('drain/web1:80', { value: 'a disk', revision: 900 });
  replica.see('weight/web2:80', { value: '5', revision: 901 });
  replica.seeAll(new Map([['weight/web2:80', { value: '7', revision: 2 }]]), false);
  assert.deepEqual(
    replica.writes(now).map(({ key, expected }) => [key, expected]),
    [['drain/web1:80', 0]],
  );
  assert.deepEqual(replica.byHand.map(({ weight }) => weight).sort(), [0, 7]);
});

test('what means nothing is named, and is nothing', () => {
  const replica = new Replica('lb1');
  replica.see('weight/web1:80', { value: 'much', revision: 2 });
  replica.see('drain/Web1:80', { value: '', revision: 3 });
  assert.deepEqual([...replica.faults.keys()], ['weight/web1:80', 'drain/Web1:80']);
  assert.deepEqual(replica.byHand, []);
  replica.see('weight/web1:80', { value: '5', revision: 4 });
  replica.see('drain/Web1:80', null);
  assert.deepEqual([replica.faults.size, replica.byHand.length], [0, 1]);
});

test('an end is a moment: seven days after it nobody needs to know of it', () => {
  const replica = new Replica('lb1');
  const until = now + 1_000;
  replica.decide([{ ...drainOf('web1:80'), kind: 'weight', weight: 5, until }], null, now);
  for (const write of replica.writes(now)) replica.written(write, 2);
  assert.deepEqual(replica.writes(until + tombstoneAge), []);
  assert.equal(replica.writes(until + tombstoneAge + 1)[0]?.value, null);
});

test('what was asked for before there was a store is brought to it, and what others had asked is not', () => {
  const replica = new Replica('lb1');
  replica.adopt([drainOf('web1:80'), { ...drainOf('web2:80'), on: 'lb2' }]);
  assert.deepEqual(replica.byHand.map(keyOf), ['drain/web1:80']);
  assert.equal(replica.pending, 1);
});
