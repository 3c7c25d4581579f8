import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../../src/events.js';
import { withAddress } from '../../src/model/names.js';
import { inFileNames } from '../../src/observe/file-names.js';
import { messagesOf } from '../../src/observe/messages.js';

const place = { family: 'inet', protocol: 'tcp', virtual: '192.0.2.1:80', server: '10.0.0.1:8080' } as const;
const inFile = { virtual: 'shop.example.com:80', server: 'web1:8080' } as const;

function lines(event: Event): string[] {
  return messagesOf(event).map(({ text }) => text);
}

test('an event is told by the names of the file, and in the log by addresses', () => {
  const down: Event = {
    type: 'server-down',
    ...place,
    inFile,
    reason: 'refused',
    duration: 3,
    failures: 1,
    failurecount: 1,
  };
  const rest = 'refused, after 3 ms, failure 1/1';
  assert.deepEqual(lines(down), [`Check failed: 10.0.0.1:8080 (tcp:192.0.2.1:80): ${rest}`]);
  assert.deepEqual(lines(inFileNames(down)), [`Check failed: web1:8080 (tcp:shop.example.com:80): ${rest}`]);
  assert.deepEqual(lines(inFileNames(down, withAddress)), [
    `Check failed: web1:8080 [10.0.0.1] (tcp:shop.example.com:80 [192.0.2.1]): ${rest}`,
  ]);
});

test('a change of the table is, too, where the port is mapped as well; a service alone as well', () => {
  const change = { object: 'real', action: 'added', weight: 1, phase: 'start', ...place, inFile } as const;
  const told = (name: string): string[] =>
    lines(inFileNames({ type: 'table-changed', status: 'running', change: { ...change, name } }));
  assert.deepEqual(told('10.0.0.1:8080'), ['Added real server: web1:8080 (shop.example.com:80) (Weight set to 1)']);
  assert.deepEqual(told('10.0.0.1:80 mapped from 10.0.0.1:8080'), [
    'Added real server: 10.0.0.1:80 mapped from web1:8080 (shop.example.com:80) (Weight set to 1)',
  ]);
  const { server: _, ...virtual } = place;
  const empty: Event = { type: 'virtual-down', ...virtual, inFile: { virtual: 'shop.example.com:80' } };
  assert.deepEqual(lines(inFileNames(empty)), ['No real server is left: shop.example.com:80 (tcp)']);
});

test('where the file has addresses the event is the same', () => {
  const up: Event = { type: 'server-up', ...place, reason: 'status 200' };
  assert.equal(inFileNames(up), up);
  const other: Event = { type: 'config-changed', file: 'web.cf' };
  assert.equal(inFileNames(other), other);
});
