import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Device, StandingAddress } from '../../../src/path/addresses/codec.js';
import { ownByKey } from '../../../src/path/addresses/journal.js';
import { type OwnAddress, planAddresses, planRemoval } from '../../../src/path/addresses/plan.js';
import { placeKey, type WantedAddress, type WantedAddresses } from '../../../src/path/addresses/wanted.js';

function device(name: string, index: number, isUp = true): Device {
  return { name, index, isUp, isConnected: isUp, hardware: null };
}

function devices(...all: readonly Device[]): Map<string, Device> {
  return new Map(all.map((one) => [one.name, one]));
}

function at(address: string, on: string, rest: Partial<WantedAddress> = {}): WantedAddress {
  return { family: 'inet', address, device: on, prefix: 32, label: null, cleanstop: true, lifetime: null, ...rest };
}

function wanted(...places: readonly WantedAddress[]): WantedAddresses {
  return { places: new Map(places.map((place) => [placeKey(place), place])), unknown: [] };
}

function standing(address: string, index: number, rest: Partial<StandingAddress> = {}): StandingAddress {
  return { family: 'inet', address, index, prefix: 32, label: 'eth0', lifetime: null, ...rest };
}

function own(address: string, on: string, index: number): OwnAddress {
  return { family: 'inet', address, device: on, index, prefix: 32 };
}

const eth0 = devices(device('eth0', 2));

test('what is missing is added, what is ours and not wanted is removed, the rest is left alone', () => {
  const plan = planAddresses(
    wanted(at('192.0.2.1', 'eth0'), at('192.0.2.2', 'eth0'), at('192.0.2.3', 'eth0')),
    {
      devices: eth0,
      standing: [
        standing('192.0.2.2', 2),
        standing('192.0.2.3', 2),
        standing('192.0.2.4', 2),
        standing('192.0.2.5', 2),
      ],
    },
    ownByKey([own('192.0.2.2', 'eth0', 2), own('192.0.2.4', 'eth0', 2), own('192.0.2.9', 'eth0', 2)]),
  );
  assert.deepEqual([...plan.states.values()], ['absent', 'own', 'foreign']);
  assert.deepEqual(
    plan.add.map(({ address, index }) => [address, index]),
    [['192.0.2.1', 2]],
  );
  assert.deepEqual(plan.remove, [own('192.0.2.4', 'eth0', 2)]);
  // What is ours and was taken away is ours no longer: who puts it there next may be somebody else.
  assert.deepEqual(
    [...plan.own.values()].map(({ address }) => address),
    ['192.0.2.2', '192.0.2.4'],
  );
});

test('the same address with another prefix, or on another device, is another one', () => {
  const plan = planAddresses(
    wanted(at('192.0.2.1', 'eth0'), at('192.0.2.2', 'eth0')),
    { devices: eth0, standing: [standing('192.0.2.1', 2, { prefix: 24 }), standing('192.0.2.2', 3)] },
    ownByKey([own('192.0.2.1', 'eth0', 2)]),
  );
  assert.deepEqual([...plan.states.values()], ['foreign', 'absent']);
  assert.deepEqual([plan.own.size, plan.remove.length], [0, 0]);
});

test('a device that was renamed keeps what is ours; one that came back under its name has nothing of it', () => {
  const owned = ownByKey([own('192.0.2.1', 'eth0', 2)]);
  const renamed = planAddresses(
    wanted(at('192.0.2.1', 'lan0')),
    { devices: devices(device('lan0', 2)), standing: [standing('192.0.2.1', 2)] },
    owned,
  );
  assert.deepEqual([[...renamed.states.values()], renamed.remove], [['own'], []]);
  const back = planAddresses(
    wanted(at('192.0.2.1', 'eth0')),
    { devices: devices(device('eth0', 7)), standing: [standing('192.0.2.1', 7)] },
    owned,
  );
  assert.deepEqual([[...back.states.values()], back.own.size], [['foreign'], 0]);
});

test('another label is put there anew, of ours alone', () => {
  const labelled = wanted(at('192.0.2.1', 'eth0', { label: 'eth0:1' }), at('192.0.2.2', 'eth0', { label: 'eth0:2' }));
  const plan = planAddresses(
    labelled,
    { devices: eth0, standing: [standing('192.0.2.1', 2), standing('192.0.2.2', 2)] },
    ownByKey([own('192.0.2.1', 'eth0', 2)]),
  );
  assert.deepEqual(
    plan.relabel.map(({ address }) => address),
    ['192.0.2.1'],
  );
});

test('a device that is missing or down is waited for, and a name that is not known keeps what stands', () => {
  const waiting = planAddresses(
    wanted(at('192.0.2.1', 'eth0'), at('192.0.2.1', 'eth1')),
    { devices: devices(device('eth1', 3, false)), standing: [] },
    new Map(),
  );
  assert.deepEqual([[...waiting.states.values()], waiting.add], [['no device', 'device down'], []]);
  const unknown: WantedAddresses = { places: new Map(), unknown: [{ family: 'inet', device: 'eth0' }] };
  const found = { devices: eth0, standing: [standing('192.0.2.1', 2), standing('192.0.2.1', 3)] };
  const owned = ownByKey([own('192.0.2.1', 'eth0', 2), own('192.0.2.1', 'eth1', 3)]);
  assert.deepEqual(planAddresses(unknown, found, owned).remove, [own('192.0.2.1', 'eth1', 3)]);
});

test('at a stop goes what is ours and has cleanstop', () => {
  const owned = ownByKey([own('192.0.2.1', 'eth0', 2), own('192.0.2.2', 'eth0', 2)]);
  const all = wanted(
    at('192.0.2.1', 'eth0'),
    at('192.0.2.2', 'eth0', { cleanstop: false }),
    at('192.0.2.3', 'eth0'),
    at('192.0.2.1', 'eth9'),
  );
  assert.deepEqual(planRemoval(all, owned, { devices: eth0 }), [own('192.0.2.1', 'eth0', 2)]);
});
