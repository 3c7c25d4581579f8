import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RealServer } from '../../../src/model/config.js';
import { serverName } from '../../../src/model/names.js';
import { unknownOrigin } from '../../../src/model/origin.js';
import type { Override } from '../../../src/model/override.js';
import { alwaysActive } from '../../../src/model/role.js';
import { nothingAsked } from '../../../src/overrides/in-force.js';
import { lastServersLost } from '../../../src/reconcile/standings/last-servers.js';
import { standings } from '../../../src/reconcile/standings/standings.js';
import { configOf } from '../../helpers/configuration.js';

const text = `virtual=192.0.2.1:80
\tfallback=127.0.0.1:80 gate
\treal=10.0.0.1:80 gate
\treal=10.0.0.2:80 gate
virtual=192.0.2.2:80
\treal=10.0.0.1:80 gate
\treal=10.0.0.3:80 gate 0
`;

function drain(server: string, weight: number | null = null): Override {
  const kind = weight === null ? 'drain' : 'weight';
  return { kind, server, virtual: null, weight: weight ?? 0, until: null, ...unknownOrigin };
}

/** What is said of something that is asked while these are down. */
function objection(byHand: readonly Override[], down: readonly string[] = [], config = configOf(text)): string | null {
  const isUp = (real: RealServer): boolean => !down.includes(serverName(real));
  const evidence = { isUp, isDecided: () => true, isRefused: () => false, policyHoldOf: () => null };
  const before = standings(config, evidence, nothingAsked, alwaysActive, 0);
  return lastServersLost(before, standings(config, evidence, { ...nothingAsked, byHand }, alwaysActive, 0, before));
}

test('the last server that gets new connections is named with its services, and who comes in its place', () => {
  assert.equal(objection([drain('10.0.0.2:80')]), null, 'another one serves');
  const of = (service: string, instead: string) => `10.0.0.1:80 is the last server in use of ${service}; ${instead}`;
  assert.equal(
    objection([drain('10.0.0.1:80')]),
    of('192.0.2.2:80', 'nobody would answer'),
    'the one of weight 0 does not',
  );
  assert.equal(
    objection([drain('10.0.0.1:80')], ['10.0.0.2:80']),
    `${of('192.0.2.1:80', 'its fallback would answer')} and ${of('192.0.2.2:80', 'nobody would answer')}`,
  );
  assert.equal(objection([drain('10.0.0.1:80', 0)]), of('192.0.2.2:80', 'nobody would answer'));
  assert.equal(objection([drain('10.0.0.1:80', 5)]), null);
  assert.equal(
    objection([drain('10.0.0.1:80'), drain('10.0.0.2:80'), drain('10.0.0.3:80', 5)]),
    '10.0.0.1:80 and 10.0.0.2:80 are the last servers in use of 192.0.2.1:80; its fallback would answer',
  );
});

test('where nobody serves, nobody is the last one', () => {
  assert.equal(objection([drain('10.0.0.1:80')], ['10.0.0.1:80']), null, 'it is down');
  assert.equal(objection([drain('10.0.0.3:80')]), null, 'it has weight 0');
});

test('one who comes into use in its place, below a minimum, is another server', () => {
  const pool = 'virtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate\n\treal=10.0.0.2:80 gate\n\tminhealthy=1\n';
  const down = ['10.0.0.2:80'];
  assert.match(
    objection([drain('10.0.0.1:80')], down, configOf(pool)) ?? '',
    /is the last server in use of 192\.0\.2\.1:80/,
  );
  assert.equal(objection([drain('10.0.0.1:80')], down, configOf(`${pool}\tbelowminimum=all\n`)), null);
});

test('virtuals of one key are one service', () => {
  const halves = configOf(
    'virtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate\n\tfallback=127.0.0.1:80 gate\nvirtual=192.0.2.2:80\n\treal=10.0.0.2:80 gate\n',
  );
  const [{ endpoint } = assert.fail()] = halves.virtuals;
  const config = { ...halves, virtuals: halves.virtuals.map((virtual) => ({ ...virtual, endpoint })) };
  assert.equal(objection([drain('10.0.0.1:80')], [], config), null);
  assert.equal(
    objection([drain('10.0.0.1:80')], ['10.0.0.2:80'], config),
    '10.0.0.1:80 is the last server in use of 192.0.2.1:80; its fallback would answer',
  );
});

test('of many it is said how many there are', () => {
  const many = Array.from({ length: 9 }, (_, index) => `virtual=192.0.2.${index}:80\n\treal=10.0.0.1:80 gate\n`);
  const said = objection([drain('10.0.0.1:80')], [], configOf(many.join(''))) ?? '';
  assert.match(said, /of 192\.0\.2\.3:80; nobody would answer and 5 more$/);
});
