import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlappingServers, flappingFrom, type Settled } from '../../src/health/flapping.js';

const who = { family: 'inet', protocol: 'tcp', virtual: '192.0.2.1:80', server: '10.0.0.1:80' } as const;
const second = 1_000;

/** Changes of one server, one each so many milliseconds, the first at 0. */
function changing(servers: FlappingServers, changes: number, pause: number, from = 0) {
  return Array.from({ length: changes }, (_, index) => servers.note(who, index % 2 === 1, from + index * pause));
}

test('a server flaps from its tenth change within a minute on, and that is said once', () => {
  const servers = new FlappingServers();
  const said = changing(servers, 14, 5 * second);
  assert.deepEqual(
    said.map((flapping) => flapping !== null),
    said.map((_, index) => index === flappingFrom - 1),
  );
  assert.deepEqual(said[flappingFrom - 1], { who, changes: 10, began: 0 });
  assert.deepEqual(
    servers.of(() => who, 65 * second),
    { who, changes: 12, began: 0 },
  );
});

test('changes that come more slowly never add up', () => {
  const servers = new FlappingServers();
  assert.ok(changing(servers, 100, 7 * second).every((flapping) => flapping === null));
  assert.equal(servers.size, 0);
});

test('it has settled with fewer than three changes within a minute, as its last change left it, and can begin anew', () => {
  const servers = new FlappingServers();
  changing(servers, 12, second);
  assert.deepEqual(settledAt(servers, 68 * second), []);
  assert.deepEqual(settledAt(servers, 70 * second), [{ who, up: true, began: 0, changes: 12 }]);
  assert.deepEqual(settledAt(servers, 70 * second), []);
  assert.equal(
    servers.of(() => who, 70 * second),
    null,
  );
  assert.ok(changing(servers, 9, second, 75 * second).every((flapping) => flapping === null));
  assert.notEqual(servers.note(who, false, 84 * second), null);
});

test('of ten thousand that fail once nobody flaps, and nothing is kept for longer than a minute', () => {
  const servers = new FlappingServers();
  for (let index = 0; index < 10_000; index += 1) {
    assert.equal(servers.note({ ...who, server: `10.0.${index >> 8}.${index & 255}:80` }, false, index), null);
  }
  assert.deepEqual(settledAt(servers, 80 * second), []);
  assert.deepEqual([...servers.all(80 * second)], []);
});

function settledAt(servers: FlappingServers, now: number): Settled[] {
  return [...servers.settle(now)].filter((one) => one !== null);
}
