import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Check } from '../../src/probes/probe.js';
import { plainCheck, receivedCheck, ServerCheck } from '../../src/probes/server-check.js';
import { checkOf } from '../helpers/check.js';

const general = checkOf({ address: '', port: 0, request: '/health' });
const check = new ServerCheck(general, '10.0.0.1', 8080);
const whole: Check = { ...general, address: '10.0.0.1', port: 8080 };

test('a check of a server says all that a check says', () => {
  for (const name of Object.keys(whole) as (keyof Check)[]) assert.equal(check[name], whole[name], name);
  assert.deepEqual(plainCheck(check), whole);
  assert.equal(plainCheck(whole), whole);
});

test('sent to another thread it is the same, and what checks have in common is sent once', () => {
  const sent = structuredClone([check, new ServerCheck(general, '10.0.0.2', 81)] as const);
  const [one, other] = sent.map(receivedCheck);
  assert.ok(one instanceof ServerCheck && other instanceof ServerCheck);
  assert.deepEqual(plainCheck(one), whole);
  assert.deepEqual([other.address, other.port], ['10.0.0.2', 81]);
  assert.equal(one.general, other.general);
  assert.equal(receivedCheck(check), check, 'in the same thread');
  assert.equal(receivedCheck(whole), whole);
});
