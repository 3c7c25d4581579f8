import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changedKeys, revise } from '../../src/model/revised.js';
import { seeded } from '../helpers/random.js';

test('maps that are revised again and again say what plain maps say, and tell where they differ', () => {
  const random = seeded(7);
  let map: ReadonlyMap<number, number> = new Map(Array.from({ length: 60 }, (_, key) => [key, key]));
  let plain = new Map(map);
  const versions = [{ map, plain }];
  for (let round = 0; round < 300; round += 1) {
    const changes = new Map<number, number | undefined>();
    for (let count = random(6); count > 0; count -= 1) changes.set(random(80), random(3) > 0 ? random(5) : undefined);
    map = revise(map, changes);
    plain = new Map(plain);
    for (const [key, value] of changes) {
      if (value === undefined) plain.delete(key);
      else plain.set(key, value);
    }
    assert.deepEqual(new Map(map), plain);
    assert.equal(map.size, plain.size);
    assert.deepEqual(new Set(map.keys()), new Set(plain.keys()));
    assert.deepEqual([...map.values()].toSorted(), [...plain.values()].toSorted());
    const before = versions[random(versions.length)] ?? { map, plain };
    const all = new Set([...before.plain.keys(), ...plain.keys()]);
    const others = [...all].filter((key) => before.plain.get(key) !== plain.get(key));
    assert.deepEqual([...changedKeys(before.map, map)].toSorted(), others.toSorted());
    versions.push({ map, plain });
  }
});
