import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../../src/events.js';
import { unknownOrigin } from '../../src/model/origin.js';
import { Reminders } from '../../src/notify/reminders.js';
import { Summary } from '../../src/notify/summary.js';

const who = { family: 'inet', protocol: 'tcp', virtual: '192.0.2.1:80', server: '10.0.0.1:80' } as const;
const down: Event = { type: 'server-down', ...who, reason: 'connect', duration: 1, failures: 1, failurecount: 1 };
const rule = (every: number) => ({ every: () => every, together: () => 'all' });
const up: Event = { type: 'server-up', ...who, reason: 'ok' };

test('a server that stays down is told again and again, until it is up', () => {
  const reminders = new Reminders();
  reminders.note(down, 0);
  const due = (now: number) => reminders.due(now, rule(100)).length;
  assert.deepEqual([due(99), due(100), due(150), due(200)], [0, 1, 0, 1]);
  reminders.note(up, 250);
  assert.equal(due(1000), 0);
});

test('a frequency of 0 is never, and a server in maintenance is nobody’s news', () => {
  const reminders = new Reminders();
  reminders.note(down, 0);
  assert.deepEqual(reminders.due(1000, rule(0)), []);
  reminders.note({ type: 'maintenance-began', ...who, reason: 'file', note: null, ...unknownOrigin }, 0);
  assert.deepEqual(reminders.due(1000, rule(100)), []);
  reminders.note({ type: 'maintenance-ended', ...who, ...unknownOrigin }, 0);
  assert.deepEqual(reminders.due(1000, rule(100)), [who]);
  reminders.keep(() => false);
  assert.deepEqual(reminders.down, []);
});

test('those of one route that went down one after another are told together, and those of another apart', () => {
  const reminders = new Reminders();
  const names = ['a', 'b', 'c', 'other'];
  for (const [index, server] of names.entries()) reminders.note({ ...down, server }, index);
  const together = ({ server }: { server: string }) => (server === 'other' ? 'other' : 'route');
  const due = (now: number) => reminders.due(now, { every: () => 100, together }).map(({ server }) => server);
  assert.deepEqual([due(99), due(100), due(102), due(103)], [[], ['a', 'b', 'c'], [], ['other']]);
  reminders.note({ ...down, server: 'late' }, 150);
  assert.deepEqual([due(200), due(203), due(250)], [['a', 'b', 'c'], ['other'], ['late']]);
});

test('a server that came into maintenance, left the file and is back in it is told as any other', () => {
  const reminders = new Reminders();
  reminders.note({ type: 'maintenance-began', ...who, reason: 'file', note: null, ...unknownOrigin }, 0);
  reminders.keep(() => false);
  reminders.note(down, 0);
  assert.deepEqual(reminders.due(1000, rule(100)), [who]);
});

test('a summary counts what happened since the last one', () => {
  const summary = new Summary(new Date(0));
  for (const event of [down, up, down]) summary.note(event);
  const first = summary.take(new Date(1000), [who], 'lab');
  assert.equal(first.subject, 'ldirectord summary: 1 real servers down');
  assert.match(first.text, /^ +2 {2}servers that went down$/m);
  assert.match(first.text, /Went down most:\n {2}10\.0\.0\.1:80 \(tcp:192\.0\.2\.1:80\), 2 times/);
  const second = summary.take(new Date(2000), [], 'lab');
  assert.match(second.text, /^ +0 {2}servers that went down$/m);
  assert.match(second.text, /From 1970-01-01T00:00:01/);
});

test('a fallback is not the real server of its name', () => {
  const reminders = new Reminders();
  const summary = new Summary(new Date(0));
  const fallbackDown: Event = { ...down, type: 'fallback-down', role: 'fallback' };
  for (const event of [down, fallbackDown]) {
    reminders.note(event, 0);
    summary.note(event);
  }
  reminders.note(up, 1);
  assert.deepEqual(reminders.down, [{ ...who, role: 'fallback' }]);
  const { subject, text } = summary.take(new Date(1), reminders.down, 'director');
  assert.equal(subject, 'ldirectord summary: 0 real servers down');
  assert.match(text, /^ {5}1 {2}fallbacks that went down$/m);
  assert.match(text, /^Down now:\n {2}fallback server 10\.0\.0\.1:80 \(tcp:192\.0\.2\.1:80\)$/m);
  reminders.note({ ...up, type: 'fallback-up', role: 'fallback' }, 2);
  assert.deepEqual(reminders.down, []);
});
