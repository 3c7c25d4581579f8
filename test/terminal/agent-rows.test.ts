import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AgentStatus } from '../../src/status/model.js';
import { agentRows } from '../../src/terminal/agent-rows.js';
import { reasonOf } from '../../src/terminal/listing.js';
import { serverStatus } from '../helpers/status.js';

const now = Date.UTC(2026, 10, 29, 12);
const usual: AgentStatus = {
  name: '10.0.0.1:3333',
  said: 'ready 50%',
  since: now - 30_000,
  word: 'ready 50%',
  share: 50,
  answered: now - 2_000,
  silence: null,
  until: null,
};

test('what an agent says, since when, and whether it still does', () => {
  const said = (changes: Partial<AgentStatus>) => agentRows({ agent: { ...usual, ...changes } }, now)[0]?.[1];
  assert.deepEqual(agentRows({ agent: null }, now), []);
  assert.equal(said({}), "10.0.0.1:3333 says 'ready 50%' for 30s; answered 2s ago");
  assert.match(said({ word: 'drain 50%' }) ?? '', /says 'ready 50%', in all 'drain 50%' for/);
  assert.equal(said({ said: null }), '10.0.0.1:3333 has not answered yet');
  const silence = 'connect: refused';
  assert.equal(said({ said: null, silence }), '10.0.0.1:3333 does not answer: connect: refused');
  assert.equal(
    said({ silence }),
    "10.0.0.1:3333 does not answer: connect: refused; it said 'ready 50%', answered 2s ago, which stays",
  );
  assert.match(said({ silence, until: now + 60_000 }) ?? '', /, which counts until 2026-/);
  assert.match(said({ silence, until: now - 1 }) ?? '', /, which counts no more$/);
});

test('a listing says what an agent makes of the weight', () => {
  const weighed = { base: 100, from: 'file', share: 50, grown: null, next: null } as const;
  const reason = 'up';
  assert.equal(reasonOf(serverStatus({ weighed, reason }), now), '50 % of its weight by its agent; up');
  const named = { ...weighed, base: 7, from: 'agent', share: 100 } as const;
  assert.equal(
    reasonOf(serverStatus({ weighed: named, reason, configured: 100 }), now),
    'weight 7 by its agent (100 in the file); up',
  );
});
