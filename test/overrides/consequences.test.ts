import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nobodyOverridden } from '../../src/model/override.js';
import { consequences } from '../../src/overrides/consequences.js';
import { nothingAsked } from '../../src/overrides/in-force.js';
import { realOf, virtualOf } from '../helpers/configuration.js';

test('a drain under sh or mh says whose clients are dropped, and with which flag they are not', () => {
  const notes = (...lines: readonly string[]): string[] => {
    const section = lines.map((line) => `\t${line}\n`).join('');
    const virtual = virtualOf(`virtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate\n${section}`);
    const real = realOf(virtual);
    const inForce = {
      ...nobodyOverridden,
      weights: new Map([[real, { weight: 0, until: null, who: null, since: null, why: null }]]),
    };
    return consequences('weight', [{ virtual, real }], {
      store: { all: nothingAsked },
      inForce: () => inForce,
      isInUse: () => true,
      hasFallback: () => false,
    });
  };
  assert.deepEqual(notes('scheduler=sh'), ['sh drops new clients that it has for it: set schedflags=sh-fallback']);
  assert.deepEqual(notes('scheduler=mh'), ['mh drops new clients that it has for it: set schedflags=mh-fallback']);
  assert.deepEqual(notes('scheduler=mh', 'schedflags=mh-fallback,mh-port'), []);
  assert.deepEqual(notes('scheduler=wrr'), []);
});
