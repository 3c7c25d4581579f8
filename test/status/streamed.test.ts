import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Virtual } from '../../src/model/config.js';
import { type Selected, virtualId } from '../../src/status/selection.js';
import { InTurn, streamVirtuals } from '../../src/status/streamed.js';
import { configOf } from '../helpers/configuration.js';
import { virtualStatus } from '../helpers/status.js';

const text = (services: number, servers: number): string =>
  Array.from({ length: services }, (_, service) => {
    const reals = Array.from({ length: servers }, (_, real) => `\treal=10.0.${real >> 8}.${real & 255}:80 masq\n`);
    return `virtual=192.0.2.${service}:80\n${reals.join('')}`;
  }).join('\n');
const whole = (virtual: Virtual): Selected => ({ virtual, servers: null, fallbacks: null });

test('no more is described than was taken, and not all at once', async () => {
  const { virtuals } = configOf(text(20, 500));
  const read: number[] = [];
  const described: number[] = [];
  const stream = streamVirtuals(virtuals.map(whole), async (some) => {
    read.push(some.length);
    return async (few) => {
      described.push(few.length);
      return new Map(few.map((virtual) => [virtual, virtualStatus({ name: String(virtual.endpoint) })]));
    };
  });
  await stream.next();
  assert.deepEqual([read, described], [[8], [1]]);
  let taken = 1;
  for await (const _ of stream) taken += 1;
  assert.equal(taken, 20);
  assert.deepEqual(read, [8, 8, 4]);
  assert.deepEqual(described, new Array(20).fill(1));
});

test('small services are described several at once, and what was read too long ago is read anew', async () => {
  const { virtuals } = configOf(text(100, 100));
  let isOld = false;
  const read: number[] = [];
  const described: number[] = [];
  const stream = streamVirtuals(virtuals.map(whole), async (some) => {
    read.push(some.length);
    isOld = false;
    return async (few) => {
      if (isOld) return null;
      described.push(few.length);
      return new Map(few.map((virtual) => [virtual, virtualStatus({ name: virtualId(virtual) })]));
    };
  });
  const names: string[] = [];
  for await (const { name } of stream) {
    names.push(name);
    if (names.length === 31) isOld = true;
  }
  assert.deepEqual(names, virtuals.map(virtualId));
  // Of the 40 that were read first 33 were described by then.
  assert.deepEqual(read, [40, 40, 27]);
  assert.deepEqual(described.slice(0, 12), new Array(12).fill(3));
});

test('what the configuration does not have any more is left out, and of a service what was asked for is given', async () => {
  const { virtuals } = configOf(text(2, 3));
  const [first = assert.fail(), second = assert.fail()] = virtuals;
  const stream = streamVirtuals(
    [{ virtual: first, servers: new Set([1]), fallbacks: new Set() }, whole(second)],
    async () => async () => new Map([[first, virtualStatus()]]),
  );
  const found = [];
  for await (const status of stream) found.push(status);
  assert.deepEqual(
    found.map(({ servers, fallbacks }) => [servers.map(({ name }) => name), fallbacks.length]),
    [[['10.0.0.2:80'], 0]],
  );
});

test('one after another has its turn, also after one that failed', async () => {
  const turns = new InTurn();
  const order: string[] = [];
  const act = (name: string, fails: boolean) => async () => {
    order.push(`${name} begins`);
    await new Promise((resolve) => setImmediate(resolve));
    order.push(`${name} ends`);
    if (fails) throw new Error(name);
    return name;
  };
  const [one, two] = [turns.do(act('one', true)), turns.do(act('two', false))];
  await assert.rejects(one, /one/);
  assert.equal(await two, 'two');
  assert.deepEqual(order, ['one begins', 'one ends', 'two begins', 'two ends']);
});
