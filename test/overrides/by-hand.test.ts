/** What is kept of what is asked for by hand, in every version that there has been. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isReason, isUserName, unknownOrigin } from '../../src/model/origin.js';
import type { Override } from '../../src/model/override.js';
import { readByHand, writeByHand } from '../../src/overrides/by-hand.js';

const name = fc.string({ minLength: 1, maxLength: 20 }).filter(isUserName);
const moment = fc.option(fc.nat({ max: 4_000_000_000_000 }));
const override: fc.Arbitrary<Override> = fc.record(
  {
    kind: fc.constantFrom('drain', 'weight'),
    server: fc.string({ minLength: 1 }),
    virtual: fc.option(fc.string({ minLength: 1 })),
    weight: fc.nat({ max: 65_535 }),
    until: moment,
    who: fc.option(
      fc.oneof(
        name,
        fc.constantFrom('uid 1000', 'status page'),
        fc.tuple(name, name).map(([user, claim]) => `${user} (${claim})`),
      ),
    ),
    since: moment,
    why: fc.option(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 50 }).filter(isReason)),
  },
  { noNullPrototype: true },
);
const overrides = fc.array(override, { maxLength: 8 });

/** As the first version had them. */
function withoutOrigin({ kind, server, virtual, weight, until }: Override) {
  return { kind, server, virtual, weight, until };
}

test('what is written is read, whatever it says', () => {
  fc.assert(
    fc.property(overrides, (byHand) => {
      assert.deepEqual(readByHand(writeByHand(byHand)), { byHand, fault: null });
    }),
  );
});

test('the first version, which did not know who had asked, is read without a word', () => {
  fc.assert(
    fc.property(overrides, (byHand) => {
      const text = JSON.stringify({ v: 1, orders: byHand.map(withoutOrigin) });
      const read = byHand.map((order) => ({ ...withoutOrigin(order), ...unknownOrigin }));
      assert.deepEqual(readByHand(text), { byHand: read, fault: null });
    }),
  );
});

test('a newer version is told, and a drain in it counts, also where who asked is written in another way', () => {
  fc.assert(
    fc.property(overrides, (byHand) => {
      const orders = byHand.map((order) => ({ ...order, who: { user: order.who }, more: 1 }));
      const { byHand: read, fault } = readByHand(JSON.stringify({ v: 3, orders }));
      assert.deepEqual(
        read,
        byHand.map((order) => ({ ...order, who: null })),
      );
      assert.match(fault ?? '', /^it is of version 3 and not 2, and \d of \d orders are not understood$/);
    }),
  );
});

test('a drain whose reason is damaged counts, and it is told', () => {
  const drain: Override = {
    kind: 'drain',
    server: '10.0.0.1:80',
    virtual: null,
    weight: 0,
    until: null,
    ...unknownOrigin,
  };
  for (const damage of [
    { why: 5 },
    { why: 'two\nlines' },
    { who: 'a b c' },
    { since: 'yesterday' },
    { who: undefined },
  ]) {
    const { byHand, fault } = readByHand(JSON.stringify({ v: 2, orders: [{ ...drain, ...damage }] }));
    assert.deepEqual([byHand, fault], [[drain], '1 of 1 orders are not understood'], JSON.stringify(damage));
  }
});

test('whatever a file holds, it is read or told', () => {
  fc.assert(
    fc.property(overrides, fc.nat(), fc.string({ maxLength: 3 }), (byHand, at, damage) => {
      const text = writeByHand(byHand);
      const place = at % text.length;
      const read = readByHand(text.slice(0, place) + damage + text.slice(place + 1));
      assert.ok(read.byHand.length <= byHand.length || read.fault !== null);
      for (const { weight } of read.byHand) assert.ok(weight >= 0 && weight <= 65_535);
    }),
  );
});
