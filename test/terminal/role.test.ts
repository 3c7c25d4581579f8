/** The role of a director where people look at it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RoleStatus } from '../../src/model/role.js';
import type { VirtualStatus } from '../../src/status/model.js';
import { explanationText } from '../../src/terminal/explanation.js';
import { listing } from '../../src/terminal/listing.js';
import { screen } from '../../src/terminal/top.js';
import { newView } from '../../src/terminal/top-view.js';
import { serverStatus, statusOf, usualStatus, virtualStatus } from '../helpers/status.js';

const surface = { width: null, colour: false };

function shown(role: Partial<RoleStatus>, virtual: Partial<VirtualStatus> = {}): readonly string[] {
  const status = statusOf([virtualStatus(virtual)], { role: { ...usualStatus.role, ...role } });
  return listing(status, surface).split('\n');
}

test('where nobody elects nothing is said of it', () => {
  for (const line of shown({})) assert.doesNotMatch(line, /active|passive|role/);
});

test('the role stands in the first line, and what it keeps out of the table is no fault', () => {
  const passive = { stands: false, active: false, leftOut: true };
  const [head, , service] = shown({ by: 'address', word: 'passive', held: [] }, passive);
  assert.match(head ?? '', /1 of 3 servers up; drained 1; passive; running/);
  assert.match(service ?? '', /^tcp 192\.0\.2\.1:80 wrr shop, passive: left out of the table$/);
  assert.match(shown({ by: 'address', held: ['192.0.2.1'] })[0] ?? '', /; active for 1 address; running/);
  assert.match(shown({ by: 'command' }, { active: false })[2] ?? '', /, passive$/);
  assert.match(
    shown({ by: 'command' }, { ...passive, stands: true })[2] ?? '',
    /left out of the table, still in the table$/,
  );
  assert.match(shown({ by: 'command' }, { stands: false })[2] ?? '', /, not in the table$/);
});

test('that nobody says it is told with why', () => {
  const fault = '/bin/role: killed after 5 s';
  const [head, why] = shown({ by: 'command', word: 'unknown', fault });
  assert.match(head ?? '', /; role not known; running/);
  assert.equal(why, `Nobody says the role: ${fault}`);
});

test('the live listing has it, too', () => {
  const status = statusOf([virtualStatus()], { role: { ...usualStatus.role, by: 'command', word: 'passive' } });
  const [head] = screen({ ...newView, status }, { rows: 10, width: 100, colour: false });
  assert.match(head ?? '', /servers up; drained 1; passive/);
});

test('an explanation says that a passive director leaves the service out, and that what is known is old', () => {
  const stale = 'not checked while this director is passive';
  const server = serverStatus({ wanted: null, weight: null, connections: null, traffic: null, stale });
  const virtual = virtualStatus({ stands: false, active: false, leftOut: true, servers: [server] });
  const text = explanationText({ virtual, server, lines: [], check: null }, Date.now(), surface);
  assert.match(text, /^ {2}table {3}not in it: this director is passive for the service$/m);
  assert.match(text, /^ {2}why {5}not checked while this director is passive; response: status 200$/m);
  assert.match(
    listing(statusOf([virtual]), surface),
    /not checked while this director is passive; response: status 200/,
  );
});
