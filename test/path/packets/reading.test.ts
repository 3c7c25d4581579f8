import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTable } from '../../../src/path/packets/reading.js';

test('what opens a connection is read as newer and as older ones list it, and nothing else passes for it', () => {
  const flags = { payload: { protocol: 'tcp', field: 'flags' } };
  const servers = { match: { op: '==', left: { payload: { protocol: 'ip', field: 'daddr' } }, right: '10.0.0.1' } };
  const marked = { match: { op: '==', left: { meta: { key: 'mark' } }, right: 7 } };
  const counter = 'snat_inet_7';
  const isNew = { match: { op: 'in', left: { ct: { key: 'state' } }, right: 'new' } };
  const isRead = (match: object, verdict: object = { return: null }): boolean => {
    const of = { family: 'inet', table: 't' };
    const chain = { ...of, name: 'postrouting', type: 'nat', hook: 'postrouting', prio: 100, policy: 'accept' };
    const rules = [
      [isNew, { match }, verdict],
      [marked, servers, { counter }, { masquerade: null }],
    ];
    const nftables = [
      { counter: { ...of, name: counter, packets: 0, bytes: 0 } },
      { chain },
      ...rules.map((expr) => ({ rule: { ...of, chain: 'postrouting', expr } })),
    ];
    return readTable(JSON.stringify({ nftables })).rules !== null;
  };
  assert.ok(isRead({ op: '!', left: flags, right: 'syn' }));
  assert.ok(isRead({ op: '==', left: { '&': [flags, 'syn'] }, right: 0 }));
  assert.ok(!isRead({ op: '!=', left: flags, right: 'syn' }));
  assert.ok(!isRead({ op: '!', left: flags, right: 'ack' }));
  assert.ok(!isRead({ op: '!', left: flags, right: 'syn' }, { accept: null }));
  assert.ok(!isRead({ op: '!', left: flags, right: 'syn' }, { counter }));
});
