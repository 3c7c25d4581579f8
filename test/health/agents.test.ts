import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../../src/events.js';
import { AgentBook } from '../../src/health/agents.js';
import type { Agent } from '../../src/model/agent.js';
import type { ProbeAnswer } from '../../src/probes/probe.js';

const one = '10.0.0.1:3333';
const key = `agent ${one} 2`;

function book() {
  const events: Event[] = [];
  const time = { now: 1_000, answered: null as number | null, changes: 0 };
  const agents = new AgentBook({
    publish: (event) => void events.push(event),
    onChange: () => {
      time.changes += 1;
    },
    answeredAt: () => time.answered,
    now: () => time.now,
  });
  agents.takeOver(new Map([[key, { name: one }]]));
  const record = (ok: ProbeAnswer['ok'], reason: string, at = key): void => agents.record(at, { ok, reason });
  const known = (): Agent | undefined => agents.all.get(one);
  return { agents, events, time, record, known };
}

const half = { percent: 50 };

test('nothing is known of an agent before it has answered, and what it says is kept', () => {
  const { time, record, known } = book();
  assert.deepEqual(known()?.said, null);
  record(true, 'up drain');
  time.now = 2_000;
  record(true, '50% #busy');
  assert.deepEqual(known(), {
    name: one,
    word: { share: half, health: 'up', admin: 'drain', reason: 'busy' },
    said: '50% #busy',
    since: 2_000,
    outSince: 1_000,
    answered: 2_000,
    silence: null,
  });
  assert.equal(time.changes, 2);
});

test('what is the same is the same object, and no change', () => {
  const { agents, time, record } = book();
  record(true, 'up');
  const before = agents.all;
  record(true, 'up');
  record(false, 'refused', 'a check');
  assert.equal(agents.all, before);
  assert.equal(time.changes, 1);
});

test('that it does not answer is told once, with its last word, which stays; and so is that it answers again', () => {
  const { events, time, record, known } = book();
  record(true, 'maint #update');
  time.answered = 5_000;
  record(false, 'connect: refused (ECONNREFUSED)');
  record(false, 'connect: no answer within 2 s');
  assert.deepEqual([known()?.answered, known()?.silence], [5_000, 'connect: refused (ECONNREFUSED)']);
  assert.deepEqual(known()?.word.admin, 'maint');
  record(true, 'maint #update');
  assert.deepEqual([known()?.since, known()?.silence], [1_000, null]);
  assert.deepEqual(events, [
    { type: 'agent-silent', agent: one, reason: 'connect: refused (ECONNREFUSED)', said: 'maint #update' },
    { type: 'agent-answers', agent: one },
  ]);
});

test('what keeps this machine from asking is told of no single agent', () => {
  const { events, record, known } = book();
  record(null, 'this process has no file descriptor left (EMFILE)');
  assert.match(known()?.silence ?? '', /EMFILE/);
  record(true, 'up');
  assert.deepEqual(events, []);
});

test('the first word that nobody knows is told, once', () => {
  const { events, record } = book();
  record(true, 'up maxconn:30');
  record(true, 'fast');
  assert.deepEqual(events, [{ type: 'agent-misunderstood', agent: one, word: 'maxconn:30' }]);
});

test('words stay from one configuration to the next as long as the agent is asked at the same place', () => {
  const { agents, events, time, record, known } = book();
  record(true, 'up 50%');
  time.answered = 9_000;
  const other = `agent ${one} 10`;
  agents.takeOver(new Map([[other, { name: one }]]));
  assert.deepEqual([known()?.said, known()?.answered], ['up 50%', 9_000]);
  record(false, 'refused', other);
  agents.takeOver(new Map([[other, { name: one }]]));
  record(true, 'up 50%', other);
  assert.deepEqual(
    events.map(({ type }) => type),
    ['agent-silent', 'agent-answers'],
  );
  agents.takeOver(new Map());
  agents.takeOver(new Map([[key, { name: one }]]));
  assert.equal(known()?.said, null);
});
