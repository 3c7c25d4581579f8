/** What stands under the keys of overrides, whoever wrote it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Entry, entryIn, entryText } from '../../../src/directors/shared/entry.js';
import { type About, aboutOf, keyOf } from '../../../src/directors/shared/keys.js';
import { isReason, unknownOrigin } from '../../../src/model/origin.js';

const drain: About = { kind: 'drain', server: 'web1:80', virtual: null };
const weight: About = { kind: 'weight', server: 'web1:80', virtual: '203.0.113.10:80' };

test('a key says what it is about, and what is wrong with it', () => {
  for (const about of [
    drain,
    weight,
    { kind: 'drain', server: '[2001:db8::1]:80', virtual: 'udp/203.0.113.10:53' },
    { kind: 'weight', server: 'web1', virtual: 'fwm6/7' },
  ] as const) {
    assert.deepEqual(aboutOf(keyOf(about)), about);
  }
  assert.equal(keyOf(weight), 'weight/web1:80/203.0.113.10:80');
  for (const key of ['drain/', 'drain/Web1:80', 'drain/web 1', 'weight/web1/', `drain/${'x'.repeat(400)}`]) {
    assert.ok('fault' in aboutOf(key), key);
  }
});

test('what a director writes is what another reads', () => {
  const origin = { who: 'root (alice)', since: 1_764_438_000_123, why: 'a "disk"', on: 'lb1' };
  const stamp = { at: 1_764_438_000_123, count: 3, by: 'lb1' };
  const entries: readonly (readonly [About, Entry])[] = [
    [drain, { asked: { ...drain, weight: 0, until: null, ...origin }, origin, stamp }],
    [weight, { asked: { ...weight, weight: 7, until: 1_764_440_000_000, ...origin }, origin, stamp }],
    [drain, { asked: null, origin, stamp }],
  ];
  for (const [about, entry] of entries) assert.deepEqual(entryIn(about, entryText(entry)), entry);
});

test('people drain with a reason, or without one, and weigh with a number', () => {
  const asked = { ...drain, weight: 0, until: null, ...unknownOrigin };
  assert.deepEqual(entryIn(drain, 'kernel update\n'), {
    asked: { ...asked, why: 'kernel update' },
    origin: { ...unknownOrigin, why: 'kernel update' },
    stamp: null,
  });
  assert.deepEqual(entryIn(drain, ''), { asked, origin: unknownOrigin, stamp: null });
  const five = entryIn(weight, '5 since the new one is slow');
  assert.ok('asked' in five && five.asked?.weight === 5 && five.asked.why === 'since the new one is slow');
  const until = entryIn(weight, '{"weight": 5, "until": "2026-11-29T18:00:00Z", "who": "deploy"}');
  assert.ok('asked' in until && until.asked?.until === Date.UTC(2026, 10, 29, 18) && until.asked.who === 'deploy');
});

test('a key that drains does so whatever its value is; a weight that is none is none', () => {
  for (const text of ['{"why": 7}', '{ broken', '[]', '\u0000\u0007', 'a\nb', '{"until":"never"}']) {
    const entry = entryIn(drain, text);
    assert.ok('asked' in entry && entry.asked?.kind === 'drain', text);
    assert.ok(entry.origin.why === null || isReason(entry.origin.why));
  }
  for (const text of ['', 'much', '-1', '65536', '{"weight": "5"}', '{"weight": 5, "until": "tomorrow"}', '5x']) {
    assert.ok('fault' in entryIn(weight, text), text);
  }
});

test('who says that it is on a director that cannot be called so has no stamp', () => {
  for (const on of ['', 'a/b', 7, 'x'.repeat(80)]) {
    const entry = entryIn(drain, JSON.stringify({ on, stamp: '1764438000123.0' }));
    assert.ok('stamp' in entry && entry.stamp === null);
  }
});
