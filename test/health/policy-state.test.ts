import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../../src/events.js';
import { AgentBook } from '../../src/health/agents.js';
import { noPolicyState, readPolicyState, writePolicyState } from '../../src/health/policy-state.js';

const name = '10.0.0.1:3333';

function book(before = noPolicyState.agents): AgentBook {
  const publish = (_: Event): void => {};
  const made = new AgentBook({ publish, onChange: () => {}, answeredAt: () => null, now: () => 5_000, before });
  made.takeOver(new Map([['a question', { name }]]));
  return made;
}

test('what agents said is written and read again', () => {
  const first = book();
  first.record('a question', { ok: true, reason: 'maint weight:20 #disk' });
  first.record('a question', { ok: true, reason: 'fast' });
  const text = writePolicyState({ ...noPolicyState, agents: first.heard }, 0);
  const second = book(readPolicyState(text, 1_000_000).agents);
  assert.deepEqual(second.all.get(name), first.all.get(name));
  assert.deepEqual(book().heard, new Map());
});

test('a file from before there were agents has none, and one that holds something else is told', () => {
  const { agents: _, ...without } = JSON.parse(writePolicyState(noPolicyState, 0));
  assert.deepEqual(readPolicyState(JSON.stringify(without), 0), noPolicyState);
  for (const agents of [[], { x: null }, { x: { said: 'up', word: 3, since: null, outSince: null, answered: null } }]) {
    assert.throws(() => readPolicyState(JSON.stringify({ ...without, agents }), 0), /it holds something else/);
  }
});

test('a word that nobody would say is read as any line', () => {
  const heard = { said: 'weight:999999', word: 'down 99999% #\u001b[2J', since: 1, outSince: 1, answered: 1 };
  const { word } = book(new Map([[name, heard]])).all.get(name) ?? {};
  assert.deepEqual(word, { share: null, health: 'down', admin: null, reason: '[2J' });
});
