import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LeftToSpeaker } from '../../src/notify/left-to-speaker.js';

function leaving() {
  const left = new LeftToSpeaker();
  const told: string[] = [];
  let out: ReadonlySet<string> | null = new Set();
  return {
    left,
    told: () => told.splice(0),
    sees: (...keys: readonly string[]) => {
      out = new Set(keys);
    },
    saysNothing: () => {
      out = null;
    },
    down: (key: string, now: number) =>
      left.leave(key, { tell: () => told.push(`down ${key}`), isSeen: (some) => some.has(key) }, now),
    up: (key: string, now: number) =>
      left.leave(key, { tell: () => told.push(`up ${key}`), isSeen: (some) => !some.has(key) }, now),
    plain: (text: string, now: number) => left.leave(text, { tell: () => told.push(text) }, now),
    look: (now: number) => left.look(() => out, now),
  };
}

test('what the one that speaks sees, too, is said by it alone', () => {
  const { down, sees, saysNothing, look, told, plain } = leaving();
  down('a', 0);
  plain('of a service', 0);
  sees('a');
  look(29_999);
  look(30_000);
  down('b', 40_000);
  saysNothing();
  look(70_000);
  assert.deepEqual(told(), []);
});

test('what it does not see is said here, and so is its end', () => {
  const { down, up, look, told } = leaving();
  down('a', 0);
  look(30_000);
  assert.deepEqual(told(), ['down a']);
  up('a', 31_000);
  assert.deepEqual(told(), ['up a']);
  down('a', 40_000);
  up('a', 50_000);
  look(80_000);
  assert.deepEqual(told(), [], 'what is over by then was nothing');
});

test('where it has gone, what it may not have said is said here, the last of each', () => {
  const { left, down, up, plain, told } = leaving();
  plain('long ago', 0);
  down('a', 5_000);
  plain('of a service', 6_000);
  up('a', 7_000);
  left.takeOver(31_000);
  assert.deepEqual(told(), ['of a service', 'up a']);
  left.takeOver(32_000);
  assert.deepEqual(told(), []);
});

test('more than is kept is said at once', () => {
  const { plain, told } = leaving();
  for (let one = 0; one < 1_002; one += 1) plain(String(one), 0);
  assert.deepEqual(told(), ['1000', '1001']);
});
