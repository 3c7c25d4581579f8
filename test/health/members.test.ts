import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assign } from '../../src/checks/assignment.js';
import { Members } from '../../src/health/members.js';
import type { Config } from '../../src/model/config.js';
import { atOnce } from '../../src/slices.js';
import { configOf } from '../helpers/configuration.js';

const stands = (): boolean => false;
const failed = { ok: false, reason: 'connect: refused', streak: -1 };
const failedAgain = { ...failed, streak: -2 };
const passed = { ok: true, reason: 'connected', streak: 1 };

function membersOf(config: Config, before = Members.none): Members {
  return atOnce(Members.prepare(atOnce(assign(config)).servers, before, stands))();
}

function checksOf(config: Config): string[] {
  return [...atOnce(assign(config)).checks.keys()];
}

/** Which of all real servers are up, in the order of the file. */
function upIn(config: Config, members: Members): boolean[] {
  return config.virtuals.flatMap((virtual) => virtual.realServers.map((real) => members.isUp(real)));
}

const two = `
virtual=192.0.2.1:80
	real=10.0.0.1:80 gate
	checktype=connect
	failurecount=2
virtual=192.0.2.2:80
	real=10.0.0.1:80 gate
	checktype=connect
`;

test('one check decides about a server in every virtual, each by its own failurecount', () => {
  const config = configOf(two);
  const checks = checksOf(config);
  assert.equal(checks.length, 1);
  const members = membersOf(config);
  const [check = ''] = checks;
  assert.equal(members.record(check, passed, 0).length, 2);
  const transitions = members.record(check, failed, 0).map(({ transition }) => transition);
  assert.deepEqual(transitions, ['soft-failure', 'down']);
  assert.deepEqual(upIn(config, members), [true, false]);
});

test('a reload keeps the health of unchanged checks, and their counts', () => {
  const config = configOf(two);
  const members = membersOf(config);
  const [check = ''] = checksOf(config);
  members.record(check, passed, 0);
  members.record(check, failed, 0);
  const again = configOf(two.replaceAll('gate', 'gate 7'));
  const after = membersOf(again, members);
  assert.deepEqual(upIn(again, after), [true, false]);
  const transitions = after.record(check, failedAgain, 0).map(({ transition }) => transition);
  assert.deepEqual(transitions, ['down'], 'the second failure in a row, one before the reload and one after');
});

test('where the check changed, the server stays as it was until the first result, which decides alone', () => {
  const config = configOf(two);
  const members = membersOf(config);
  members.record(checksOf(config)[0] ?? '', passed, 0);
  const changed = configOf(two.replaceAll('connect', 'connect\n\tcheckport=81'));
  const after = membersOf(changed, members);
  assert.deepEqual(upIn(changed, after), [true, true]);
  const transitions = after.record(checksOf(changed)[0] ?? '', failed, 0).map(({ transition }) => transition);
  assert.deepEqual(transitions, ['down', 'down']);
});

test('a new server counts as up where it stands in the table with a weight', () => {
  const config = configOf(two);
  const [first] = config.virtuals;
  const members = atOnce(
    Members.prepare(atOnce(assign(config)).servers, Members.none, (virtual) => virtual === first),
  )();
  assert.deepEqual(upIn(config, members), [true, false]);
});

test('what needs no check is settled at once', () => {
  const config = configOf(`
virtual=192.0.2.1:80
	real=10.0.0.1:80 gate
	checktype=on
virtual=192.0.2.2:80
	real=10.0.0.1:80 gate
	checktype=off
virtual=192.0.2.3:4711
	real=10.0.0.1:4711 gate
virtual=192.0.2.4:80
	real=nowhere.example:80 gate
`);
  assert.equal(checksOf(config).length, 0);
  assert.deepEqual(upIn(config, membersOf(config)), [true, false, true, false]);
});

test('a result that no server waits for any more changes nothing', () => {
  assert.deepEqual(membersOf(configOf(two)).record('gone', failed, 0), []);
});

const moved = two.replace('192.0.2.1:80', '192.0.2.9:80');

test('a virtual that is new takes over what the same check has decided under another one', () => {
  const config = configOf(two);
  const members = membersOf(config);
  const [check = ''] = checksOf(config);
  members.record(check, passed, 0);
  const config2 = configOf(moved);
  const after = membersOf(config2, members);
  assert.deepEqual(upIn(config2, after), [true, true]);
  assert.deepEqual([...after.awaited()], []);
  // As with its own results: the one with failurecount=2 holds on, the other does not.
  assert.deepEqual(
    after.record(check, failed, 0).map(({ transition }) => transition),
    ['soft-failure', 'down'],
  );
});

test('it takes over a failure just so, by whoever counts failures as it does', () => {
  const config = configOf(two);
  const members = membersOf(config);
  const [check = ''] = checksOf(config);
  members.record(check, passed, 0);
  members.record(check, failed, 0);
  // The new one is like the second, which has given the server up, and not like the first.
  const more = configOf(`${two}virtual=192.0.2.3:80\n\treal=10.0.0.1:80 gate\n\tchecktype=connect\n`);
  assert.deepEqual(upIn(more, membersOf(more, members)), [true, false, false]);
});

test('what the check has not decided yet is waited for', () => {
  const config = configOf(two);
  const after = membersOf(configOf(moved), membersOf(config));
  assert.deepEqual([...after.awaited()], checksOf(config));
});

test('where the health is taken over between two steps, it is that of the moment of the swap', () => {
  const config = configOf(two);
  const members = membersOf(config);
  const [check = ''] = checksOf(config);
  const config2 = configOf(moved);
  const make = atOnce(Members.prepare(atOnce(assign(config2)).servers, members, stands));
  members.record(check, passed, 0);
  assert.deepEqual(upIn(config2, make()), [true, true]);
});

test('no verdict leaves every server as it is', () => {
  const config = configOf(two);
  const members = membersOf(config);
  const [check = ''] = checksOf(config);
  members.record(check, passed, 0);
  const before = config.virtuals.map(({ realServers: [real] }) => real && members.healthOf(real));
  assert.deepEqual(members.record(check, { ok: null, reason: 'no descriptor', streak: 1 }, 0), []);
  assert.deepEqual(
    config.virtuals.map(({ realServers: [real] }) => real && members.healthOf(real)),
    before,
  );
});

test('a fallback is not the real server of its name, and keeps its health in another order', () => {
  const sorry = `
virtual=192.0.2.1:80
	real=127.0.0.1:80 gate
	checktype=connect
	fallbackcheck=yes
	fallbackcheckport=81
	fallback=127.0.0.1:80
	fallback=127.0.0.2:80
`;
  const config = configOf(sorry);
  const [real = '', first = '', second = ''] = checksOf(config);
  const members = membersOf(config);
  members.record(real, failed, 0);
  members.record(first, passed, 0);
  members.record(second, failed, 0);
  const health = (of: Config, now: Members): boolean[][] =>
    of.virtuals.flatMap(({ realServers, fallbacks }) =>
      [realServers, fallbacks].map((all) => all.map((one) => now.isUp(one))),
    );
  assert.deepEqual(health(config, members), [[false], [true, false]]);
  const turned = configOf(sorry.replace(/(\tfallback=.*\n)(.*\n)/, '$2$1'));
  const after = membersOf(turned, members);
  assert.deepEqual(health(turned, after), [[false], [false, true]]);
  assert.deepEqual([...after.awaited()], []);
});

test('checks rest that decide about none but servers at rest, and what they said before is forgotten', () => {
  const config = configOf(`${two}\treal=10.0.0.2:80 gate\n`);
  const members = membersOf(config);
  const [shared = '', own = ''] = checksOf(config);
  members.record(shared, passed, 0);
  members.record(own, passed, 0);
  const reals = config.virtuals.flatMap(({ realServers }) => realServers);
  assert.deepEqual([...members.rest(new Set(reals.slice(1)))], [own]);
  assert.deepEqual(upIn(config, members), [true, true, false]);
  assert.deepEqual([...members.rest(new Set(reals))], [shared, own]);
  assert.deepEqual(upIn(config, members), [false, false, false]);
  assert.deepEqual(members.awaited(), new Set([shared, own]));
  const transitions = members.record(shared, passed, 0).map(({ transition }) => transition);
  assert.deepEqual(transitions, ['up', 'up'], 'the first result decides');
});
