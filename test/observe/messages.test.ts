import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '../../src/events.js';
import { messagesOf } from '../../src/observe/messages.js';

function lines(event: Event): string[] {
  return messagesOf(event).map(({ text }) => text);
}

const who = {
  family: 'inet',
  protocol: 'tcp',
  virtual: '192.0.2.1:80',
  server: '10.0.0.1:80',
  reason: 'connect: refused (ECONNREFUSED)',
} as const;
const count = { duration: 1.6, failures: 2, failurecount: 3 };

test('the lines that scripts match', () => {
  const real = {
    object: 'real',
    virtual: who.virtual,
    server: who.server,
    name: who.server,
    weight: 3,
    family: 'inet',
    protocol: 'tcp',
    phase: 'start',
  } as const;
  const told = (change: Extract<Event, { type: 'table-changed' }>['change']) =>
    lines({ type: 'table-changed', change, status: 'running' })[0];
  assert.equal(told({ ...real, action: 'added' }), 'Added real server: 10.0.0.1:80 (192.0.2.1:80) (Weight set to 3)');
  assert.equal(
    told({ ...real, action: 'restored' }),
    'Restored real server: 10.0.0.1:80 (192.0.2.1:80) (Weight set to 3)',
  );
  assert.equal(
    told({ ...real, action: 'quiescent', weight: 0 }),
    'Quiescent real server: 10.0.0.1:80 (192.0.2.1:80) (Weight set to 0)',
  );
  assert.equal(told({ ...real, action: 'deleted' }), 'Deleted real server: 10.0.0.1:80 (192.0.2.1:80)');
  assert.equal(
    told({ ...real, action: 'deleted', object: 'fallback' }),
    'Deleted fallback server: 10.0.0.1:80 (192.0.2.1:80)',
  );
  assert.equal(told({ ...real, action: 'purged' }), 'Purged real server (start): 10.0.0.1:80 (192.0.2.1:80)');
  const virtual = { object: 'virtual', family: 'inet', virtual: '7', protocol: 'fwm', phase: 'stop' } as const;
  assert.equal(told({ ...virtual, action: 'added' }), 'Added virtual server: 7');
  assert.equal(told({ ...virtual, action: 'changed' }), 'Changed virtual server: 7');
  assert.equal(told({ ...virtual, action: 'purged' }), 'Purged virtual server (stop): 7');
  assert.deepEqual(lines({ type: 'terminated', cause: 'signal: TERM' }), [
    'Linux Director Daemon terminated on signal: TERM',
  ]);
  assert.deepEqual(lines({ type: 'reload-requested' }), ['Reloading Linux Director Daemon config on signal']);
  assert.deepEqual(lines({ type: 'config-changed', file: '/f.cf' }), [
    "Configuration file '/f.cf' has changed on disk",
  ]);
  assert.match(lines({ type: 'config-loaded', differences: [] })[0] ?? '', /^ - reread new configuration$/);
  assert.match(lines({ type: 'config-rejected', reason: '2 errors' })[0] ?? '', /^ - ignore new configuration/);
  assert.deepEqual(lines({ type: 'server-recovered', ...who }), [
    'Resetting soft failure count: 10.0.0.1:80 (tcp:192.0.2.1:80)',
  ]);
});

test('a failure tells phase, cause, duration and count', () => {
  const reason =
    'Check failed: 10.0.0.1:80 (tcp:192.0.2.1:80): connect: refused (ECONNREFUSED), after 2 ms, failure 2/3';
  assert.deepEqual(lines({ type: 'server-down', ...who, ...count }), [reason]);
  assert.deepEqual(lines({ type: 'server-soft-failure', ...who, ...count }), [
    reason,
    'Soft failure real server: 10.0.0.1:80 (tcp:192.0.2.1:80) failure 2/3',
  ]);
});

test('how a server rises, and what a minimum has come to', () => {
  const rising = { ...who, reason: 'connected', successes: 1, risecount: 3 };
  assert.deepEqual(lines({ type: 'server-rising', ...rising }), [
    'Rising real server: 10.0.0.1:80 (tcp:192.0.2.1:80) success 1/3',
  ]);
  const service = { family: 'inet', protocol: 'tcp', virtual: '192.0.2.1:80' } as const;
  assert.deepEqual(lines({ type: 'virtual-below-minimum', ...service, healthy: 1, needed: 2, rule: 'keep' }), [
    'Below minhealthy: 192.0.2.1:80 (tcp): 1 healthy of 2 at least: who goes down stays in use',
  ]);
  assert.deepEqual(lines({ type: 'virtual-minimum-restored', ...service }), [
    'Enough servers are healthy again: 192.0.2.1:80 (tcp)',
  ]);
});

test('that most directors see servers otherwise', () => {
  const service = { family: 'inet', protocol: 'tcp', virtual: '192.0.2.1:80' } as const;
  assert.deepEqual(lines({ type: 'virtual-voted', ...service, kept: 2, unused: 1 }), [
    'Most directors see it otherwise: 192.0.2.1:80 (tcp): 2 kept in use, 1 out of use by their votes',
  ]);
  assert.deepEqual(lines({ type: 'virtual-vote-over', ...service }), ['No vote decides any more: 192.0.2.1:80 (tcp)']);
});

test('a server’s words cannot forge a line', () => {
  const [line = ''] = lines({
    type: 'server-down',
    ...who,
    ...count,
    reason: 'response: "a\n[date] Deleted\u001b[31m"',
  });
  assert.doesNotMatch(line, /\p{Cc}/u);
  assert.match(line, /response: "a\\x0a\[date\]/);
});

test('a server’s words cannot turn a line around, nor hide in it', () => {
  const [line = ''] = lines({
    type: 'server-up',
    ...who,
    reason: 'a \u202etxt.exe\u2066\u200b\u2028\u{e0041}\ud800 grün 🙂',
  });
  assert.ok(line.endsWith('a \\u{202e}txt.exe\\u{2066}\\u{200b}\\u{2028}\\u{e0041}\\u{d800} grün 🙂'), line);
});

test('mails over the limit are told, and what becomes of them', () => {
  const held = { type: 'mails-held', recipients: ['a@example.com'], limit: 60, wait: 1200 } as const;
  assert.deepEqual(lines({ ...held, news: 'change' }), [
    'Mails to a@example.com wait for 1200 s: maillimit is 60 in an hour',
  ]);
  assert.deepEqual(lines({ ...held, news: 'reminder' }), [
    'Reminders to a@example.com are left out for 1200 s: maillimit is 60 in an hour',
  ]);
});

test('a fallback is called so, and it is told when nobody is left', () => {
  const fallback = { ...who, server: '127.0.0.1:80', role: 'fallback' } as const;
  const failed =
    'Check failed: fallback server 127.0.0.1:80 (tcp:192.0.2.1:80): connect: refused (ECONNREFUSED), after 2 ms, failure 2/3';
  assert.deepEqual(lines({ type: 'fallback-down', ...fallback, ...count }), [failed]);
  assert.deepEqual(lines({ type: 'fallback-soft-failure', ...fallback, ...count }), [
    failed,
    'Soft failure fallback server: 127.0.0.1:80 (tcp:192.0.2.1:80) failure 2/3',
  ]);
  assert.deepEqual(lines({ type: 'fallback-rising', ...fallback, successes: 1, risecount: 3 }), [
    'Rising fallback server: 127.0.0.1:80 (tcp:192.0.2.1:80) success 1/3',
  ]);
  assert.deepEqual(lines({ type: 'fallback-up', ...fallback, reason: 'fine' }), [
    'Check passed: fallback server 127.0.0.1:80 (tcp:192.0.2.1:80): fine',
  ]);
  assert.deepEqual(lines({ type: 'fallback-recovered', ...fallback }), [
    'Resetting soft failure count: fallback server 127.0.0.1:80 (tcp:192.0.2.1:80)',
  ]);
  const service = { family: 'inet', protocol: 'tcp', virtual: '192.0.2.1:80' } as const;
  assert.deepEqual(lines({ type: 'virtual-unserved', ...service }), [
    'Clients are refused: 192.0.2.1:80 (tcp): no real server is in use, and no fallback is up',
  ]);
  assert.deepEqual(lines({ type: 'virtual-served', ...service }), ['Clients are served again: 192.0.2.1:80 (tcp)']);
});

test('a role is told with the addresses that it is for', () => {
  const role = (role: 'active' | 'passive' | 'unknown', gained: readonly string[], lost: readonly string[]) =>
    lines({ type: 'role-changed', role, gained, lost })[0];
  const [one, other] = ['192.0.2.1', '192.0.2.2'];
  assert.equal(role('active', [], []), 'Role: active');
  assert.equal(role('active', [one, other], []), 'Role: active for 192.0.2.1 and 1 more');
  assert.equal(role('active', [one], [other]), 'Role: active for 192.0.2.1, no longer for 192.0.2.2');
  assert.equal(role('passive', [], [one]), 'Role: passive, no longer for 192.0.2.1');
  assert.equal(role('unknown', [], []), 'Role: not known, so this director counts as active');
  assert.deepEqual(lines({ type: 'role-failed', reason: 'no answer' }), ['Role: nobody says it: no answer']);
});

test('what is told of the store', () => {
  const reason = 'http://127.0.0.1:2379: nobody listens there: does etcd run?';
  assert.deepEqual(lines({ type: 'store-away', code: 'ECONNREFUSED', reason }), [
    `Store is away: ${reason} (ECONNREFUSED); what was last heard holds`,
  ]);
  const endpoint = 'https://10.0.0.1:2379';
  const back = { type: 'store-back', endpoint, entries: 12 } as const;
  assert.deepEqual(lines({ ...back, awayFor: null }), [`Store answers: ${endpoint}, 12 keys`]);
  assert.deepEqual(lines({ ...back, awayFor: 61_400 }), [`Store answers: ${endpoint}, 12 keys, after 61 s`]);
  assert.deepEqual(lines({ type: 'store-replaced', endpoint }), [
    `Store has other data than before: ${endpoint}: it is read whole`,
  ]);
  assert.deepEqual(lines({ type: 'store-unwritable', code: 'no-space', reason: 'full' }), [
    'Store takes no writes: full (no-space)',
  ]);
  assert.deepEqual(lines({ type: 'store-writable', endpoint }), [`Store takes writes again: ${endpoint}`]);
});

test('how an address is announced, why it is not, and that this director is handed over', () => {
  const vip = { address: '192.0.2.1', by: 'exabgp /run/exabgp.in', why: '192.0.2.1:80 is served' } as const;
  const announced = (how: 'well' | 'ill' | 'leaving') => lines({ type: 'vip-announced', ...vip, how })[0];
  assert.equal(announced('well'), 'Announced 192.0.2.1 (exabgp /run/exabgp.in): 192.0.2.1:80 is served');
  assert.match(announced('ill') ?? '', /^Announced 192\.0\.2\.1 though it is not healthy \(exabgp/);
  assert.match(announced('leaving') ?? '', /^Announced 192\.0\.2\.1 as the last way to it \(exabgp/);
  assert.deepEqual(lines({ type: 'vip-withdrawn', address: '192.0.2.1', why: '192.0.2.1:80 has no server in use' }), [
    'Not announced any more: 192.0.2.1: 192.0.2.1:80 has no server in use',
  ]);
  const origin = { who: 'alice', since: null, why: 'a new kernel' };
  assert.deepEqual(lines({ type: 'handover-began', ...origin }), [
    'Clients go to other directors from now on by alice: a new kernel',
  ]);
  assert.deepEqual(lines({ type: 'handover-ended', ...origin, why: null }), [
    'Clients may come to this director again by alice',
  ]);
});
