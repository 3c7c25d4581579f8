import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Outstanding } from '../../../src/probes/ping/outstanding.js';

test('it holds what was added and not deleted, by numbers that are all different', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat(400)), { maxLength: 600 }), (steps) => {
      const outstanding = new Outstanding<{ readonly number: number }>();
      const expected = new Map<number, { readonly number: number }>();
      for (const step of steps) {
        if (step === null) {
          const added = { number: 0 };
          outstanding.add(added);
          assert.ok(!expected.has(added.number));
          expected.set(added.number, added);
        } else {
          // What is not there, or not any more, changes nothing.
          outstanding.delete(step);
          expected.delete(step);
        }
        assert.equal(outstanding.size, expected.size);
      }
      for (const number of Array.from({ length: 700 }, (_, at) => at)) {
        assert.equal(outstanding.get(number), expected.get(number) ?? null);
      }
      assert.deepEqual(new Set(outstanding.all()), new Set(expected.values()));
    }),
  );
});

test('one that stays long does not stand in the way of those that come and go', () => {
  const outstanding = new Outstanding<{ number: number }>();
  const add = (): { number: number } => {
    const added = { number: 0 };
    outstanding.add(added);
    return added;
  };
  const first = add();
  for (let more = 0; more < 10_000; more += 1) outstanding.delete(add().number);
  assert.equal(outstanding.get(first.number), first);
  assert.equal(outstanding.size, 1);
});
