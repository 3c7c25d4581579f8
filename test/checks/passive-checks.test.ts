import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assign } from '../../src/checks/assignment.js';
import { PassiveChecks } from '../../src/checks/passive-checks.js';
import { Members } from '../../src/health/members.js';
import { alwaysActive, type RoleInForce } from '../../src/model/role.js';
import { atOnce } from '../../src/slices.js';
import { configOf } from '../helpers/configuration.js';

/** The first server is in both services: its check is one. */
const config = configOf(`
virtual=192.0.2.1:80
\treal=10.0.0.1:80 gate
\treal=10.0.0.2:80 gate
\tchecktype=connect
virtual=192.0.2.2:80
\treal=10.0.0.1:80 gate
\treal=10.0.0.3:80 gate
\tchecktype=connect
`);
const { checks: watches, servers } = atOnce(assign(config));
const members = atOnce(Members.prepare(servers, Members.none, () => false))();
const keyOf = (address: string): string => [...watches].find(([, { check }]) => check.address === address)?.[0] ?? '';
const checksFor = (isMeant: Parameters<Members['checksFor']>[0]) => members.checksFor(isMeant);
const passive: RoleInForce = { ...alwaysActive, word: 'passive', checks: 'active' };
const half: RoleInForce = { ...passive, word: 'active', held: new Set(['192.0.2.1']) };

test('what decides about a service that is active is run as usual', () => {
  const checks = new PassiveChecks();
  assert.equal(checks.follow(half, checksFor).size, 0);
  assert.deepEqual([...checks.resting], [keyOf('10.0.0.3')]);
  assert.equal(checks.staleness(keyOf('10.0.0.1')), null);
  assert.equal(checks.staleness(keyOf('10.0.0.3')), 'not checked while this director is passive');
  assert.equal(checks.paced(watches), watches);
  checks.follow(passive, checksFor);
  assert.equal(checks.resting.size, 3);
  assert.deepEqual([...checks.follow(half, checksFor)].toSorted(), [keyOf('10.0.0.1'), keyOf('10.0.0.2')].toSorted());
  assert.deepEqual([...checks.follow(alwaysActive, checksFor)], [keyOf('10.0.0.3')]);
  assert.equal(checks.resting.size, 0);
});

test('those that are slower have one interest for all of a service, and others keep theirs', () => {
  const checks = new PassiveChecks();
  checks.follow({ ...half, checks: 10 }, checksFor);
  assert.equal(checks.resting.size, 0);
  const paced = checks.paced(watches);
  assert.deepEqual(
    ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((address) => paced.get(keyOf(address))?.interest.slower),
    [undefined, undefined, 10],
  );
  assert.equal(paced.get(keyOf('10.0.0.1')), watches.get(keyOf('10.0.0.1')));
  assert.equal(checks.staleness(keyOf('10.0.0.3')), 'checked 10 times less often while this director is passive');
  checks.follow({ ...passive, checks: 10 }, checksFor);
  const interests = new Set([...checks.paced(watches).values()].map(({ interest }) => interest));
  assert.equal(interests.size, new Set([...watches.values()].map(({ interest }) => interest)).size);
});

test('while nobody says the role, and with no such setting, all are run as usual', () => {
  const checks = new PassiveChecks();
  const never = (): never => assert.fail('nobody has to look for them');
  for (const role of [alwaysActive, { ...passive, word: 'unknown' }, { ...passive, checks: 'always' }] as const) {
    assert.equal(checks.follow(role, never).size, 0);
    assert.equal(checks.resting.size, 0);
    assert.equal(checks.paced(watches), watches);
    assert.equal(checks.staleness(keyOf('10.0.0.1')), null);
  }
});
